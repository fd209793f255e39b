// The parts of the plugins in generated-config.ts, without what the host says itself.

// ───────────────────────────────────────────────────────────────────────────── acme__billing 1.0.0: types
export declare namespace AcmeBilling {
  interface Money {
    amount: number;
  }

  interface Quota {
    price: AcmeBilling.Money;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__billing 1.0.0: calls
export interface AcmeBillingEvents {
}
export interface AcmeBillingApi {
  readonly quota: {
    /** `GET /acme__billing/quota`. */
    readonly getAll: Read<[], AcmeBilling.Quota>;
  };
  readonly on: Channels<AcmeBillingEvents>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__chat 1.0.0: types
export declare namespace AcmeChat {
  interface Shared {
    both: boolean;
  }

  interface Task {
    shared: AcmeChat.Shared;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__chat 1.0.0: calls
export interface AcmeChatEvents {
}
export interface AcmeChatApi {
  readonly task: {
    /** `GET /acme__chat/task`. */
    readonly getAll: Read<[], AcmeChat.Task>;
  };
  readonly on: Channels<AcmeChatEvents>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__desk 1.0.0: types
export declare namespace AcmeDesk {
  interface Shared {
    both: boolean;
  }

  interface Task {
    theirs: AcmeDesk.TypesTask;
    shared: AcmeDesk.Shared;
  }

  interface TypesTask {
    shared: AcmeDesk.Shared;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__desk 1.0.0: calls
export interface AcmeDeskEvents {
}
export interface AcmeDeskApi {
  readonly task: {
    /** `GET /acme__desk/task`. */
    readonly getAll: Read<[], AcmeDesk.Task>;
  };
  readonly on: Channels<AcmeDeskEvents>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__shop 1.0.0: types
export declare namespace AcmeShop {
  interface Line {
    text: string;
  }

  interface Money {
    amount: number;
  }

  interface Task {
    quota: AcmeBilling.Quota;
    price: AcmeShop.Money;
    line: AcmeShop.Line;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__shop 1.0.0: calls
export interface AcmeShopEvents {
}
export interface AcmeShopApi {
  readonly task: {
    /** `GET /acme__shop/task`. */
    readonly getAll: Read<[], AcmeShop.Task>;
  };
  readonly on: Channels<AcmeShopEvents>;
}

// ───────────────────────────────────────────────────────────────────────────── acme__shop.line 1.0.0: types
export declare namespace AcmeShopLine {
  interface Line {
    text: string;
  }
}

// ───────────────────────────────────────────────────────────────────────────── acme__shop.line 1.0.0: calls
export interface AcmeShopLineEvents {
}
export interface AcmeShopLineApi {
  readonly line: {
    /** `GET /acme__shop/lines`. */
    readonly getAll: Read<[], AcmeShopLine.Line>;
  };
  readonly on: Channels<AcmeShopLineEvents>;
}
