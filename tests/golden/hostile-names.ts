// The parts of the plugins in generated-config.ts, without what the host says itself.

// ───────────────────────────────────────────────────────────────────────────── acme__h0 *\/ `${pwned(1)}` \"': types
export declare namespace AcmeH0 {
  type Color = "*/ `${pwned(1)}`\n\\\"'" | "*/ `${pwned(1)}`\n\\\"'b";

  /**
   * *\/ `${pwned(1)}`
   * \"'
   */
  interface Model0 {
    /**
     * *\/ `${pwned(1)}`
     * \"'
     */
    value: "*/ `${pwned(1)}`\n\\\"'" | "other";
    /**
     * *\/ `${pwned(1)}`
     * \"'
     */
    "*/ `${pwned(1)}`\n\\\"'": string;
    /**
     * *\/ `${pwned(1)}`
     * \"'
     * @pattern *\/ `${pwned(1)}`
     * \"' @format *\/ `${pwned(1)}`
     * \"'
     */
    defaulted: string;
    color: AcmeH0.Color;
  }

  /**
   * *\/ `${pwned(1)}`
   * \"'
   */
  interface Model0Input {
    /**
     * *\/ `${pwned(1)}`
     * \"'
     * @default "other"
     */
    value?: "*/ `${pwned(1)}`\n\\\"'" | "other";
    /**
     * *\/ `${pwned(1)}`
     * \"'
     */
    "*/ `${pwned(1)}`\n\\\"'": string;
    /**
     * *\/ `${pwned(1)}`
     * \"'
     * @pattern *\/ `${pwned(1)}`
     * \"' @format *\/ `${pwned(1)}`
     * \"' @default "*\/ `${pwned(1)}`\n\\\"'"
     */
    defaulted?: string;
    color: AcmeH0.Color;
  }

  interface Pwned1 {
    classed: number;
  }

  /**
   * *\/ `${pwned(1)}`
   * \"'
   */
  interface Struct0 {
    kind: "*/ `${pwned(1)}`\n\\\"'";
    /**
     * *\/ `${pwned(1)}`
     * \"'
     */
    a: string;
    b: "*/ `${pwned(1)}`\n\\\"'" | "x";
    rplain: number;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__h0 *\/ `${pwned(1)}` \"': calls
export interface AcmeH0Events {
  constructor: AcmeH0.Struct0;
}
export interface AcmeH0Api {
  readonly "*/ `${pwned(1)}`\n\\\"'": {
    /** *\/ `${pwned(1)}` \"' `GET /acme__h0/thing`. */
    readonly "*/ `${pwned(1)}`\n\\\"'": Read<[], AcmeH0.Model0>;
  };
  readonly found: {
    /**
     * `GET /acme__h0/found/{* `$pwned(1)`
     * \"'}/p* `$pwned(1)`
     * \"'`.
     * Cookie `*\/ `${pwned(1)}`
     * \"'`.
     */
    readonly getPPwned1: Read<[path: { "* `$pwned(1)`\n\\\"'": string }, query: { "*/ `${pwned(1)}`\n\\\"'": string }, headers: { "x-*/ `${pwned(1)}`\n\\\"'": string }], number, Invalid>;
  };
  readonly "p* `$pwned(1)`\n\\\"'": {
    /**
     * *\/ `${pwned(1)}` \"' `POST /acme__h0/p* `$pwned(1)`
     * \"'`.
     */
    readonly create: Write<[body: AcmeH0.Model0Input], AcmeH0.Struct0, Invalid>;
  };
  readonly on: Channels<AcmeH0Events>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__h0 *\/ `${pwned(1)}` \"': config
export const acme__h0 = {
  pluginName: "*/ `${pwned(1)}`\n\\\"'",
  author: "*/ `${pwned(1)}`\n\\\"'",
  pluginKey: "acme__h0",
  version: "*/ `${pwned(1)}`\n\\\"'",
  routePrefix: "/acme__h0",
  data: {
    "*/ `${pwned(1)}`\n\\\"'": {
      type: "thing",
      operations: {
        "*/ `${pwned(1)}`\n\\\"'": { target: "/acme__h0/thing", method: "get", args: "" },
      },
    },
    found: {
      type: "found",
      operations: {
        getPPwned1: { target: (payload: { "* `$pwned(1)`\n\\\"'": string }): string => `/acme__h0/found/${encodeURIComponent(payload["* `$pwned(1)`\n\\\"'"])}/p* \`$pwned(1)\`\u000a\\"'`, method: "get", args: "pqh", errors: [400] },
      },
    },
    "p* `$pwned(1)`\n\\\"'": {
      type: "p* `$pwned(1)`\n\\\"'",
      operations: {
        create: { target: "/acme__h0/p* `$pwned(1)`\n\\\"'", method: "post", args: "b", errors: [400] },
      },
    },
  },
  channels: { constructor: "acme__h0--constructor" },
  enums: { Color: ["*/ `${pwned(1)}`\n\\\"'", "*/ `${pwned(1)}`\n\\\"'b"] },
  uses: ["acme__gone.*/ `${pwned(1)}`\n\\\"'@1"],
  custom: { "*/ `${pwned(1)}`\n\\\"'": ["*/ `${pwned(1)}`\n\\\"'", { "*/ `${pwned(1)}`\n\\\"'": "*/ `${pwned(1)}`\n\\\"'" }] },
  schema: "sha256-e815846efe4e88eb",
} as const satisfies PluginConfig;

// ───────────────────────────────────────────────────────────────────────────── acme__h1 __proto__: types
export declare namespace AcmeH1 {
  type Color = "__proto__" | "__proto__b";

  /** __proto__ */
  interface Model1 {
    /** __proto__ */
    value: "__proto__" | "other";
    /** __proto__ */
    __proto__: string;
    /**
     * __proto__
     * @pattern __proto__ @format __proto__
     */
    defaulted: string;
    color: AcmeH1.Color;
  }

  /** __proto__ */
  interface Model1Input {
    /**
     * __proto__
     * @default "other"
     */
    value?: "__proto__" | "other";
    /** __proto__ */
    __proto__: string;
    /**
     * __proto__
     * @pattern __proto__ @format __proto__ @default "__proto__"
     */
    defaulted?: string;
    color: AcmeH1.Color;
  }

  /** __proto__ */
  interface Struct1 {
    kind: "__proto__";
    /** __proto__ */
    a: string;
    b: "__proto__" | "x";
    r__proto__: number;
  }

  interface __proto__ {
    classed: number;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__h1 __proto__: calls
export interface AcmeH1Events {
  constructor: AcmeH1.Struct1;
}
export interface AcmeH1Api {
  readonly __proto__: {
    /** __proto__ `GET /acme__h1/thing`. */
    readonly __proto__: Read<[], AcmeH1.Model1>;
  };
  readonly found: {
    /**
     * `GET /acme__h1/found/{__proto__}/p__proto__`.
     * Cookie `__proto__`.
     */
    readonly getPProto: Read<[path: { __proto__: string }, query: { __proto__: string }, headers: { "x-__proto__": string }], number, Invalid>;
  };
  readonly p__proto__: {
    /** __proto__ `POST /acme__h1/p__proto__`. */
    readonly create: Write<[body: AcmeH1.Model1Input], AcmeH1.Struct1, Invalid>;
  };
  readonly on: Channels<AcmeH1Events>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__h1 __proto__: config
export const acme__h1 = {
  pluginName: "__proto__",
  author: "__proto__",
  pluginKey: "acme__h1",
  version: "__proto__",
  routePrefix: "/acme__h1",
  data: {
    ["__proto__"]: {
      type: "thing",
      operations: {
        ["__proto__"]: { target: "/acme__h1/thing", method: "get", args: "" },
      },
    },
    found: {
      type: "found",
      operations: {
        getPProto: { target: (payload: { __proto__: string }): string => `/acme__h1/found/${encodeURIComponent(payload.__proto__)}/p__proto__`, method: "get", args: "pqh", errors: [400] },
      },
    },
    p__proto__: {
      type: "p__proto__",
      operations: {
        create: { target: "/acme__h1/p__proto__", method: "post", args: "b", errors: [400] },
      },
    },
  },
  channels: { constructor: "acme__h1--constructor" },
  enums: { Color: ["__proto__", "__proto__b"] },
  uses: ["acme__gone.__proto__@1"],
  custom: { ["__proto__"]: ["__proto__", { ["__proto__"]: "__proto__" }] },
  schema: "sha256-e07a08bafc120dd8",
} as const satisfies PluginConfig;

// ───────────────────────────────────────────────────────────────────────────── acme__h2 1 ��é: types
export declare namespace AcmeH2 {
  type Color = "1\u2028\u202e?é" | "1\u2028\u202e?éb";

  /**
   * 1
   * �?é
   */
  interface Model2 {
    /**
     * 1
     * �?é
     */
    value: "1\u2028\u202e?é" | "other";
    /**
     * 1
     * �?é
     */
    "1\u2028\u202e?é": string;
    /**
     * 1
     * �?é
     * @pattern 1
     * �?é @format 1
     * �?é
     */
    defaulted: string;
    color: AcmeH2.Color;
  }

  /**
   * 1
   * �?é
   */
  interface Model2Input {
    /**
     * 1
     * �?é
     * @default "other"
     */
    value?: "1\u2028\u202e?é" | "other";
    /**
     * 1
     * �?é
     */
    "1\u2028\u202e?é": string;
    /**
     * 1
     * �?é
     * @pattern 1
     * �?é @format 1
     * �?é @default "1\u2028\u202e?é"
     */
    defaulted?: string;
    color: AcmeH2.Color;
  }

  /**
   * 1
   * �?é
   */
  interface Struct2 {
    kind: "1\u2028\u202e?é";
    /**
     * 1
     * �?é
     */
    a: string;
    b: "1\u2028\u202e?é" | "x";
    rplain: number;
  }

  interface T1É {
    classed: number;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__h2 1 ��é: calls
export interface AcmeH2Events {
  constructor: AcmeH2.Struct2;
}
export interface AcmeH2Api {
  readonly "1\u2028\u202e\ud800é": {
    /** 1 ��é `GET /acme__h2/thing`. */
    readonly "1\u2028\u202e\ud800é": Read<[], AcmeH2.Model2>;
  };
  readonly found: {
    /**
     * `GET /acme__h2/found/{1
     * ��é}/p1
     * ��é`.
     * Cookie `1
     * ��é`.
     */
    readonly "getP1É": Read<[path: { "1\u2028\u202e\ud800é": string }, query: { "1\u2028\u202e\ud800é": string }, headers: { "x-1\u2028\u202e\ud800é": string }], number, Invalid>;
  };
  readonly "p1\u2028\u202e\ud800é": {
    /**
     * 1 ��é `POST /acme__h2/p1
     * ��é`.
     */
    readonly create: Write<[body: AcmeH2.Model2Input], AcmeH2.Struct2, Invalid>;
  };
  readonly on: Channels<AcmeH2Events>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__h2 1 ��é: config
export const acme__h2 = {
  pluginName: "1\u2028\u202e\ud800é",
  author: "1\u2028\u202e\ud800é",
  pluginKey: "acme__h2",
  version: "1\u2028\u202e\ud800é",
  routePrefix: "/acme__h2",
  data: {
    "1\u2028\u202e\ud800é": {
      type: "thing",
      operations: {
        "1\u2028\u202e\ud800é": { target: "/acme__h2/thing", method: "get", args: "" },
      },
    },
    found: {
      type: "found",
      operations: {
        "getP1É": { target: (payload: { "1\u2028\u202e\ud800é": string }): string => `/acme__h2/found/${encodeURIComponent(payload["1\u2028\u202e\ud800é"])}/p1\u2028\u202e\ud800é`, method: "get", args: "pqh", errors: [400] },
      },
    },
    "p1\u2028\u202e\ud800é": {
      type: "p1\u2028\u202e\ud800é",
      operations: {
        create: { target: "/acme__h2/p1\u2028\u202e\ud800é", method: "post", args: "b", errors: [400] },
      },
    },
  },
  channels: { constructor: "acme__h2--constructor" },
  enums: { Color: ["1\u2028\u202e?é", "1\u2028\u202e?éb"] },
  uses: ["acme__gone.1\u2028\u202e\ud800é@1"],
  custom: { "1\u2028\u202e\ud800é": ["1\u2028\u202e\ud800é", { "1\u2028\u202e\ud800é": "1\u2028\u202e\ud800é" }] },
  schema: "sha256-ba0bfc19c3cbfa90",
} as const satisfies PluginConfig;
