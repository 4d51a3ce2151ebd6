import { hono } from '../conformance/adapters/hono.js'
import { runAttacks } from './runner.js'

runAttacks(hono)
