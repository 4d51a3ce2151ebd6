/** Makes an input smaller for as long as it stays wrong in the same way. */
export async function minimize(
  input: string,
  isStillWrong: (input: string) => Promise<boolean>,
): Promise<string> {
  let smallest = input
  let left = 2_000
  for (let size = Math.ceil(input.length / 2); size >= 1 && left > 0;) {
    let removed = false
    for (let at = 0; at < smallest.length && left > 0; left -= 1) {
      const shorter = smallest.slice(0, at) + smallest.slice(at + size)
      // oxlint-disable-next-line no-await-in-loop -- each step begins with what the last one left
      if (await isStillWrong(shorter)) {
        smallest = shorter
        removed = true
      } else at += size
    }
    if (size === 1 && !removed) break
    if (!removed || size > smallest.length) size = Math.max(1, Math.floor(size / 2))
  }
  return smallest
}
