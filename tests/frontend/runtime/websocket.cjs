// Node has a WebSocket from version 22 on, but it does not accept headers.
const { WebSocket } = require("ws");

globalThis.sockets = [];
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url, { headers: globalThis.socketHeaders ?? {} });
    globalThis.sockets.push(this);
  }
};
