export { fileKeyStore } from './file-key-store.js'
export { nodeRequestView, type NodeRequest, type NodeRequestParts } from './node-request-view.js'
export { resolveHost } from './resolve-host.js'
export { sendAnswer } from './send-answer.js'
