// Exports nothing: the name is held so that nobody else's package can stand in the path of everybody's tokens.
import { MESSAGE } from './message.js'

// A warning and no exception: a bundler or a dependency scan that loads the file has done nothing wrong.
console.warn(MESSAGE)
