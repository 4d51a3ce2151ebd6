import { express5, express4 } from '../conformance/adapters/express.js'
import { runAttacks } from './runner.js'

runAttacks(express5)
runAttacks(express4)
