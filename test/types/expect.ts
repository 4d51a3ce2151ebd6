/** Compiles for `true` only: `type _ = Expect<Equal<typeof value, string>>`. */
export type Expect<T extends true> = T

/** Whether two types are the same to the compiler: `any` equals nothing but `any`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the compiler compares the two functions
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless the value has exactly this type: `expectType<string>()(value)`. */
export function expectType<Wanted>(): <Got>(
  _value: Got & (Equal<Got, Wanted> extends true ? unknown : never),
) => void {
  return () => {}
}
