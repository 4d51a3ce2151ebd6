import { runTable } from '../runner.js'
import { express4, express5 } from './express.js'

runTable(express4)
runTable(express5)
