/// <reference lib="dom" />
/** The page: filter and table above, the selected exchange below; in a narrow window one after the other. */
import type { JSX } from "preact";
import { task } from "./actions/task.ts";
import { TaskPlace } from "./actions/task_place.tsx";
import { ExchangePane } from "./exchange/pane.tsx";
import { ChipBar } from "./filter/chip_bar.tsx";
import { FilterBox } from "./filter/filter_box.tsx";
import { Help } from "./keys/help.tsx";
import { Banner, Toasts } from "./shell/banner.tsx";
import { Empty } from "./shell/empty.tsx";
import { Splitter } from "./shell/splitter.tsx";
import { StatusBar, TopBar } from "./shell/top_bar.tsx";
import { closeExchange } from "./state/selecting.ts";
import { isNarrow, selectedRow, tableShare } from "./state/store.ts";
import { Table } from "./table/table.tsx";

/** The page. */
export function App(): JSX.Element {
  const isOpen = selectedRow.value !== undefined || task.value !== undefined;
  const isAlone = isNarrow.value && isOpen;
  return (
    <>
      <Banner />
      <TopBar />
      <main
        class={`${isOpen ? "with-exchange" : ""}${isAlone ? " alone" : ""}`}
        style={{ "--share": `${tableShare.value}` }}
      >
        <section class="list" aria-label="Traffic" hidden={isAlone}>
          <FilterBox />
          <ChipBar />
          <StatusBar />
          <div class="table-place">
            <Table />
            <Empty />
          </div>
        </section>
        {isOpen && !isAlone && <Splitter />}
        {task.value !== undefined ? <TaskPlace task={task.value} /> : isOpen && <Exchange />}
      </main>
      <Toasts />
      <Help />
    </>
  );
}

function Exchange(): JSX.Element {
  const row = selectedRow.value!;
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
