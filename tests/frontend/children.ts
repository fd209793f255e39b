// A frontend of child plugins. The compiler must refuse the lines under `@ts-expect-error`.
import all, { acme__shop, acme__shop$invoice, acme__shop$invoice$line, acme__shop$monthly, acme__shop$yearly, createApi } from "./generated-config";
import type { AcmeShop, AcmeShopInvoice, AcmeShopInvoiceApi, AcmeShopInvoiceLine, AcmeShopInvoiceLineApi, AcmeShopMonthly, AcmeShopMonthlyApi, Api, Payload, PluginConfig } from "./generated-config";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;
const must = <_Claim extends true>(): void => {};

export const plugins: { readonly [key: string]: PluginConfig } = all;
must<Equal<(typeof all)["acme__shop.invoice.line"], typeof acme__shop$invoice$line>>();
must<Equal<keyof typeof all, keyof Api>>();

must<Equal<typeof acme__shop$invoice.pluginName, "invoice">>();
must<Equal<typeof acme__shop$invoice.pluginKey, "acme__shop.invoice">>();
must<Equal<typeof acme__shop$invoice.author, "acme">>();
must<Equal<typeof acme__shop$invoice$line.routePrefix, "/acme__shop/invoices/lines">>();
must<Equal<typeof acme__shop$invoice.data.invoice.operations.getAll.target, "/acme__shop/invoices">>();
must<Equal<(typeof acme__shop$invoice.data.invoice.operations.create.channels)[number]["channel"], "acme__shop.invoice--made">>();
must<Equal<typeof acme__shop$monthly.channels.ready, "acme__shop.monthly--ready">>();
must<Equal<typeof acme__shop$yearly.data.figures.operations.getAll.target, "/acme__shop/yearly/figures">>();
export const url: string = acme__shop$invoice.data.invoice.operations.get.target({ id: "7" });
// @ts-expect-error a child's entities are not its parent's
acme__shop.data.invoice;

export async function calls(api: Api): Promise<void> {
  const made = await api["acme__shop.invoice"].invoice.create({ total: 1 });
  must<Equal<typeof made, Payload<AcmeShopInvoice.Invoice>>>();
  const rows = await api["acme__shop.invoice.line"].rows.getAll();
  must<Equal<typeof rows, AcmeShopInvoiceLine.Row[]>>();
  const left: AcmeShop.Quota | undefined = rows[0]?.quota;
  void left;
  const monthly: AcmeShopMonthlyApi = api["acme__shop.monthly"];
  const figures = await monthly.figures.getAll();
  must<Equal<typeof figures, AcmeShopMonthly.Figures>>();
  monthly.on.ready((ready) => must<Equal<typeof ready, AcmeShopMonthly.Figures>>());
  // @ts-expect-error the total is required
  void (() => api["acme__shop.invoice"].invoice.create({}));
  // @ts-expect-error a channel of the child, not of its parent
  void (() => api.acme__shop.on.made(() => {}));
}

// a child is bound by the name of its constant, or by its key
const bound = createApi({ acme__shop$invoice, acme__shop$invoice$line, "acme__shop.monthly": acme__shop$monthly });
must<Equal<typeof bound.acme__shop$invoice, AcmeShopInvoiceApi>>();
must<Equal<typeof bound.acme__shop$invoice$line, AcmeShopInvoiceLineApi>>();
must<Equal<(typeof bound)["acme__shop.monthly"], AcmeShopMonthlyApi>>();
// @ts-expect-error a child under the name of its parent
void (() => createApi({ acme__shop: acme__shop$invoice }));
// @ts-expect-error a child passed under one name does not exist under the other
void (() => bound["acme__shop.invoice"]);
