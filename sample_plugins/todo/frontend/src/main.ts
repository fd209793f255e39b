/** The entry point of the page. */
import { acme__todo, createApi } from "../generated-config";
import { makeComposer } from "./composer";
import { find, stayed } from "./dom";
import { makeFilters } from "./filters";
import { List } from "./list";
import { follow } from "./live";
import { Loading } from "./loading";
import { showNotice } from "./notice";
import { Own } from "./own";
import type { Page } from "./page";
import { Tasks } from "./tasks";

const stale = (): void =>
  showNotice("The server has been updated since this page was made.", "news", { text: "Reload", act: () => location.reload() });

const api = createApi({ acme__todo }, { onStale: stale }).acme__todo;
const loading = new Loading(() => page);
const list = new List(() => page);
const page: Page = {
  api,
  tasks: new Tasks(),
  own: new Own(),
  draw: () => list.draw(),
  refetch: () => void loading.refetch(),
};

makeComposer(page);
makeFilters((view) => {
  void loading.show(view).then(() => {
    if (page.tasks.view === view) list.announce();
  });
});
find("more", HTMLButtonElement).addEventListener("click", ({ currentTarget }) => {
  const before = page.tasks.rows().length;
  void loading.more().then(() => {
    if (page.tasks.rows().length > before && stayed(currentTarget as Element)) list.focusNear(before);
  });
});
void loading.show({ trash: false });
follow(page);
