// Code that uses the generated file of the fixture plugins. The compiler must refuse the lines under `@ts-expect-error`.
import all, { acme__billing, acme__todo, schemaHash } from "./generated-config";
import type { AcmeBilling, AcmeBillingApi, AcmeTodo, AcmeTodoApi, AcmeTodoEvents, AnyEvent, Api, Contracts, Payload, PluginConfig } from "./generated-config";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;
const must = <_Claim extends true>(): void => {};

export const digest: string = schemaHash;
export const plugins: { readonly [key: string]: PluginConfig } = all;
must<Equal<(typeof all)["acme__todo"], typeof acme__todo>>();

// the objects, with literal types
must<Equal<(typeof acme__todo.enums.TaskStatus)[number], AcmeTodo.TaskStatus>>();
must<Equal<(typeof acme__todo.enums.Priority)[number], AcmeTodo.Priority>>();
must<Equal<(typeof acme__todo.data.task.operations.create.channels)[number]["channelKey"], "taskCreated">>();
must<Equal<typeof acme__todo.data.task.operations.create.storeActionType, "dataCreate">>();
must<Equal<Parameters<typeof acme__todo.data.task.operations.update.target>[0], { id: string }>>();
must<Equal<typeof acme__todo.data.task.operations.getAll.target, "/acme__todo/task">>();
export const url: string = acme__billing.data.invoice.operations.pay.target({ id: "7" });
// @ts-expect-error the parameter is missing
acme__billing.data.invoice.operations.pay.target({});
// @ts-expect-error no such operation
acme__todo.data.task.operations.archive;
// @ts-expect-error a route without a declared store action has none
acme__todo.data.task.operations.replaceSteps.storeActionType;

// contracts
must<Equal<Contracts["acme__billing.billing@1"]["consumers"], "acme__todo">>();
must<Equal<(typeof acme__todo.uses)[number], keyof Contracts>>();

// calls
export async function calls(api: Api): Promise<void> {
  const todo: AcmeTodoApi = api.acme__todo;
  const made = await todo.task.create({ title: "x", tags: ["a"], dueAt: null });
  must<Equal<typeof made, Payload<AcmeTodo.Task>>>();
  const first = made.body.items[0];
  const name: string | undefined = first?._displayName;
  void name;
  await todo.task.getAll();
  await todo.task.getAll({ status: "open", tag: ["x"], limit: 5 });
  await todo.task.get({ id: "1" }, { signal: AbortSignal.timeout(1) });
  await todo.task.update({ id: "1" }, { dueAt: null });
  await todo.task.replaceSteps({ id: "1" }, [{ title: "x", steps: [{ title: "y" }] }]);
  const gone = await todo.task.deleteHard({ id: "1" });
  must<Equal<typeof gone, void>>();
  const invoices = await api.acme__billing.invoice.getAll({ year: 2026 });
  must<Equal<typeof invoices, AcmeBilling.Invoice[]>>();

  // @ts-expect-error title is required
  void (() => todo.task.create({ tags: [] }));
  // @ts-expect-error unknown property
  void (() => todo.task.create({ title: "x", prio: 1 }));
  // @ts-expect-error not a status
  void (() => todo.task.create({ title: "x", status: "closed" }));
  // @ts-expect-error optional is not nullable
  void (() => todo.task.create({ title: "x", status: null }));
  // @ts-expect-error exactOptionalPropertyTypes: undefined is not the same as omitted
  void (() => todo.task.create({ title: "x", status: undefined }));
  // @ts-expect-error path parameter is missing
  void (() => todo.task.get());
  // @ts-expect-error the backend expects a number in the query
  void (() => todo.task.getAll({ limit: "5" }));
  // @ts-expect-error a query cannot contain null
  void (() => todo.task.getAll({ cursor: null }));
  // @ts-expect-error a step needs a title at any depth
  void (() => todo.task.replaceSteps({ id: "1" }, [{ title: "x", steps: [{}] }]));
  // @ts-expect-error noUncheckedIndexedAccess
  void (() => made.body.items[0].title);
  // @ts-expect-error ids are read-only
  void (() => first && (first.id = "other"));

  // errors, by status
  const full = await todo.task.update.safe({ id: "1" }, {});
  if (!full.ok) {
    must<Equal<typeof full.error.status, 400 | 402 | 404>>();
    if (full.error.status === 400) must<Equal<NonNullable<typeof full.error.extra>[number]["message"], string>>();
    if (full.error.status === 402) must<Equal<NonNullable<typeof full.error.extra>["quota"], AcmeBilling.Quota>>();
  }

  // discriminated unions
  const due = (invoice: AcmeBilling.Invoice): string => {
    switch (invoice.status.state) {
      case "open":
        return invoice.status.due;
      case "paid":
        return invoice.status.paidAt;
    }
  };
  void due;

  // channels
  todo.on.taskCreated((created) => must<Equal<typeof created, Payload<AcmeTodo.Task>>>());
  todo.on.any((event) => {
    must<Equal<typeof event, AnyEvent<AcmeTodoEvents>>>();
    if (event.channel === "commented") must<Equal<typeof event.data, AcmeTodo.Comment>>();
  });
  // @ts-expect-error no such channel
  void (() => todo.on.taskMoved(() => {}));
}
export type Unused = AcmeBillingApi;
