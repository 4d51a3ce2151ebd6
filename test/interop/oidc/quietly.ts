/**
 * Keeps what the provider warns of on import (Node 20) and when it is made (its store in memory) from the console:
 * nothing that a test can act on.
 */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { warn } = console
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider WARNING')) warn(...words)
  }
  try {
    return await work()
  } finally {
    console.warn = warn
  }
}
