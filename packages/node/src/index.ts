export { nodeRequestView, type NodeRequest, type NodeRequestParts } from './node-request-view.js'
export { sendAnswer } from './send-answer.js'
