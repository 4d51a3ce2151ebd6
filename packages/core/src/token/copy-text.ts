/**
 * Copies a text that is to be kept. One that was cut from a larger text shares its memory, and would keep all of it:
 * joined to another and cut anew it has memory of its own, in every engine.
 */
export function copyText(text: string): string {
  return ` ${text}`.slice(1)
}
