// Node has a WebSocket of its own from version 22 on, and none to which headers can be given.
const { WebSocket } = require("ws");

globalThis.sockets = [];
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url, { headers: globalThis.socketHeaders ?? {} });
    globalThis.sockets.push(this);
  }
};
