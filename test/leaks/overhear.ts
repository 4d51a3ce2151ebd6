/** Listens to a method, which goes on as before: what is passed to it, and what comes back. */
export function overhear(
  owner: object,
  name: string,
  hear: (args: readonly unknown[], result: unknown, self: unknown) => void,
): void {
  const method: unknown = Reflect.get(owner, name)
  if (typeof method !== 'function') throw new Error(`${name} is no method`)
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(method, this, args)
    hear(args, result, this)
    return result
  })
}
