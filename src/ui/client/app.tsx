/// <reference lib="dom" />
/** The page: tabs, filter and table above, the selected exchange below; in a narrow window one after the other. */
import type { JSX } from "preact";
import type { RowView } from "../api.ts";
import { ActionPlaces } from "./actions/action_places.tsx";
import { task } from "./actions/task.ts";
import { TaskPlace } from "./actions/task_place.tsx";
import { ActivePlace } from "./active/active_pane.tsx";
import { openActive } from "./active/active_state.ts";
import { ExchangePane } from "./exchange/pane.tsx";
import { ChipBar } from "./filter/chip_bar.tsx";
import { FilterBox } from "./filter/filter_box.tsx";
import { Help } from "./keys/help.tsx";
import { AdminPage } from "./listeners/admin_page.tsx";
import { ControlLine } from "./listeners/control_line.tsx";
import { tabElementId } from "./listeners/tab.ts";
import { ROWS_PANEL, TabBar } from "./listeners/tab_bar.tsx";
import { Banner, Toasts } from "./shell/banner.tsx";
import { Empty } from "./shell/empty.tsx";
import { Splitter } from "./shell/splitter.tsx";
import { StatusBar, TopBar } from "./shell/top_bar.tsx";
import { closeExchange } from "./state/selecting.ts";
import { isNarrow, selectedRow, tab, tableShare } from "./state/store.ts";
import { Table } from "./table/table.tsx";

/** The page. */
export function App(): JSX.Element {
  const row = selectedRow.value;
  const isOpen = row !== undefined || openActive.value !== undefined || task.value !== undefined;
  const isAlone = isNarrow.value && isOpen;
  const isAdmin = tab.value.kind === "admin";
  return (
    <>
      <Banner />
      <TopBar />
      <TabBar />
      <main
        class={`${isOpen ? "with-exchange" : ""}${isAlone ? " alone" : ""}`}
        style={{ "--share": `${tableShare.value}` }}
      >
        {isAdmin && <AdminPage />}
        <section
          id={ROWS_PANEL}
          class="list"
          role="tabpanel"
          aria-labelledby={tabElementId(tab.value)}
          hidden={isAlone || isAdmin}
        >
          <ControlLine />
          <FilterBox />
          <ChipBar />
          <StatusBar />
          <div class="table-place">
            <Table />
            <Empty />
          </div>
        </section>
        {isOpen && !isAlone && <Splitter />}
        {task.value !== undefined
          ? <TaskPlace task={task.value} />
          : row !== undefined
          ? <Exchange row={row} />
          : <ActivePlace />}
      </main>
      <Toasts />
      <Help />
      <ActionPlaces />
    </>
  );
}

function Exchange({ row }: { readonly row: RowView }): JSX.Element {
  return (
    <div id="exchange" class="exchange-place" tabIndex={-1} role="region" aria-label={`Row ${row.row}`}>
      <button type="button" class="back" title="Close (Esc)" onClick={closeExchange}>
        {isNarrow.value ? "← Back to the list" : "✕"}
        {!isNarrow.value && <span class="unseen">Close the exchange</span>}
      </button>
      <ExchangePane row={row} />
    </div>
  );
}
