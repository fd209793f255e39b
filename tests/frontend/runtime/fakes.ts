// A server with given responses, a WebSocket without a network, and a clock that is set by hand.

export interface Sent {
  url: string;
  method: string;
  headers: { [name: string]: string };
  body: unknown;
  init: RequestInit;
}

/** Answers with what `answers` says, and keeps what was asked. */
export const server = (answer: (sent: Sent) => Response | Promise<Response> = () => Response.json({})): { sent: Sent[]; fetch: (url: string, init: RequestInit) => Promise<Response> } => {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (url, init) => {
      const request: Sent = { url, method: String(init.method), headers: {}, body: init.body, init };
      new Headers(init.headers).forEach((value, name) => (request.headers[name] = value));
      sent.push(request);
      return answer(request);
    },
  };
};

export class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: unknown[] = [];
  onopen?: () => void;
  onclose?: ((event: { code: number; reason: string }) => void) | null;
  onmessage?: ((event: { data: unknown }) => void) | null;
  onerror?: () => void;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }
  send(text: unknown): void {
    if (this.readyState === 0) throw new Error("InvalidStateError: still connecting");
    this.sent.push(typeof text === "string" ? (JSON.parse(text) as unknown) : text);
  }
  close(): void {
    this.readyState = 3;
  }
  // the server's side
  open(): this {
    this.readyState = 1;
    this.onopen?.();
    return this;
  }
  say(...frames: unknown[]): this {
    for (const frame of frames) this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
    return this;
  }
  drop(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  /** Names of the channels which it was asked for. */
  get asked(): unknown[] {
    return this.sent.flatMap((frame) => (frame as { subscribe?: string }).subscribe ?? []);
  }
}

/** Puts the fakes in the place of the real ones until the case is over. */
export const faked = async (body: (clock: Clock) => void | Promise<void>): Promise<void> => {
  const real = { WebSocket: globalThis.WebSocket, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, random: Math.random };
  const clock = new Clock();
  FakeSocket.all = [];
  Object.assign(globalThis, {
    WebSocket: FakeSocket,
    setTimeout: (run: () => void, milliseconds: number) => clock.set(run, milliseconds),
    clearTimeout: (timer: number) => clock.timers.delete(timer),
  });
  Math.random = () => 1;
  try {
    await body(clock);
  } finally {
    Object.assign(globalThis, { WebSocket: real.WebSocket, setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Math.random = real.random;
  }
};

export class Clock {
  now = 0;
  timers = new Map<number, [number, () => void]>();
  private count = 0;
  set(run: () => void, milliseconds: number): number {
    this.timers.set(++this.count, [this.now + milliseconds, run]);
    return this.count;
  }
  /** Lets time pass. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = [...this.timers].filter(([, [at]]) => at <= until).sort(([, [left]], [, [right]]) => left - right)[0];
      if (!next) break;
      this.timers.delete(next[0]);
      this.now = next[1][0];
      next[1][1]();
    }
    this.now = until;
  }
}
