import { runTable } from '../runner.js'
import { hono } from './hono.js'

runTable(hono)
