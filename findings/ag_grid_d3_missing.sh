#!/bin/sh
# AG Grid with d3 formats (as dash-ag-grid proposes them): a missing amount is shown, copied and exported as 0.00.
#
# Expected: a cell without a value stays empty, whatever its format; or it says NaN.
# Seen:     `valueFormatter: d3.format(",.2f")(params.value)` on null: "0.00" in the grid and in its CSV, beside a true 0 the same.
#           A key that is left out is "NaN". Without a formatter both are empty. And the filter "does not equal 0" hides the
#           rows without a value, so that neither way of looking finds them.
# Why:      the grid calls formatters for null, and d3 takes `+null`, which is 0.
# Versions: ag-grid-community 35.3.0, d3-format 3.1.0, jsdom 26.1.0; Node 20.
# Output:   income with the format, without: {"1":["1,234.50","1234.5"],"2":["0.00","0"],"3":["0.00",""],"4":["NaN",""]}
#           as CSV: "1","1,234.50" "2","0.00" "3","0.00" "4","NaN"
#           does not equal 0: [1]
# Matters:  an income that was not given reads as an income of nothing, to the person who decides. Our grid's formats are our own,
#           made by the service with a dash for what is missing (`dash_app/views/importing/grid.py`), and it filters there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ag-grid-community@35.3.0 d3-format@3.1.0 jsdom@26.1.0 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >grid.mjs <<'JAVASCRIPT'
import { JSDOM } from "jsdom";

const { window } = new JSDOM('<div id="grid"></div>', { pretendToBeVisual: true });
window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };
for (const name of ["document", "navigator", "HTMLElement", "Element", "Node", "Event", "CustomEvent", "KeyboardEvent", "MouseEvent",
  "MutationObserver", "ResizeObserver", "getComputedStyle", "requestAnimationFrame", "cancelAnimationFrame"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
globalThis.window = window;
const { AllCommunityModule, ModuleRegistry, createGrid } = await import("ag-grid-community");
const { format } = await import("d3-format");

ModuleRegistry.registerModules([AllCommunityModule]);
const rows = [{ id: 1, income: 1234.5 }, { id: 2, income: 0 }, { id: 3, income: null }, { id: 4 }];
const grid = createGrid(document.getElementById("grid"), {
  columnDefs: [{ field: "id" }, { field: "income", filter: "agNumberColumnFilter",
    valueFormatter: ({ value }) => format(",.2f")(value) }, { colId: "plain", field: "income" }],
  rowData: rows.map((row) => ({ ...row })),
});
await new Promise((done) => setTimeout(done, 200));
const shown = {};
grid.forEachNode((node) => {
  shown[node.data.id] = ["income", "plain"].map((column) => grid.getCellValue({ rowNode: node, colKey: column, useFormatter: true }));
});
console.log("income with the format, without:", JSON.stringify(shown));
const csv = grid.getDataAsCsv({ columnKeys: ["id", "income"] }).split(/\r?\n/).slice(1);
console.log("as CSV:", csv.join(" "));
grid.setFilterModel({ income: { filterType: "number", type: "notEqual", filter: 0 } });
const left = [];
grid.forEachNodeAfterFilter((node) => left.push(node.data.id));
console.log("does not equal 0:", JSON.stringify(left));
const holds = shown[2][0] === "0.00" && shown[3][0] === "0.00" && !shown[3][1] && csv[2] === '"3","0.00"' && left.join() === "1";
if (!holds) console.log("this has changed");
process.exit(holds ? 0 : 1);
JAVASCRIPT
node grid.mjs
