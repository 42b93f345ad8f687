/** Who may import whom, and what the inner rooms must not touch. Reads the imports of every source file. */
import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** What those who reach targets know of net. */
const DIALLING = ["net/address.ts", "net/connection.ts", "net/dial.ts"];

/** For each room of src: the rooms, or single files, that it may import besides itself. */
const ALLOWED: Record<string, readonly string[]> = {
  http: [],
  capture: ["http"],
  log: ["capture", "http"],
  net: ["capture", "http"],
  cli: ["net/address.ts"],
  demo: ["http"],
  select: [],
  archive: ["capture", "http"],
  diff: ["capture", "http", "select"],
  // Both reach targets as relays do, by what is handed to them: of net they know the shapes.
  send: ["capture", "http", ...DIALLING],
  resend: ["capture", "http", "select", "send", ...DIALLING],
  // JSON lines and text are formats of the log, too.
  export: ["capture", "http", "log"],
  store: ["archive", "capture", "http", "log"],
  ui: ["capture", "http"],
  program: [
    "archive",
    "capture",
    "cli",
    "demo",
    "diff",
    "export",
    "http",
    "log",
    "net",
    "resend",
    "select",
    "send",
    "store",
    "ui",
  ],
};

/** Packages from npm, and the rooms that may use them. */
const PACKAGES: Record<string, readonly string[]> = {
  "jsonc-parser": ["cli", "select"],
  "json-p3": ["select"],
  "saxes": ["select"],
  "xpath": ["select"],
  "diff": ["diff"],
  "hono": ["ui"],
  "preact": ["ui"],
  "preact/hooks": ["ui"],
  "@preact/signals": ["ui"],
};

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

async function sources(folder: URL): Promise<Source[]> {
  const found: Source[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) found.push(...await sources(url));
    else if (/\.tsx?$/.test(entry.name)) found.push(await source(url));
  }
  return found;
}

async function source(url: URL): Promise<Source> {
  const path = url.pathname.slice(ROOT.pathname.length);
  const text = await Deno.readTextFile(url);
  const statement =
    /^(?:import|export)\s[^;"=(]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  const specifiers = [...text.matchAll(statement)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic);
  const imports = specifiers.map((specifier) =>
    specifier.startsWith(".") ? new URL(specifier, url).pathname.slice(ROOT.pathname.length) : specifier
  );
  return { path, room: path.split("/")[1], text, imports };
}

const all = await sources(new URL("src/", ROOT));

Deno.test("each room imports only the rooms it may", () => {
  const wrong: string[] = [];
  for (const { path, room, imports } of all) {
    assert.ok(room in ALLOWED, `${path} is in a room that this test does not know`);
    for (const imported of imports) {
      if (!imported.startsWith("src/")) continue;
      const inside = imported.slice("src/".length);
      const fine = [room, ...ALLOWED[room]].some((name) => inside === name || inside.startsWith(`${name}/`));
      if (!fine) wrong.push(`${path} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("nothing in src imports the program or the tests", () => {
  const outside = all.flatMap(({ path, imports }) =>
    imports.filter((name) => name === "main.ts" || name.startsWith("tests/")).map((name) =>
      `${path}: ${name}`
    )
  );
  assert.deepEqual(outside, []);
});

Deno.test("packages are used in the rooms that they are there for", () => {
  const wrong: string[] = [];
  for (const { path, room, imports } of all) {
    for (const imported of imports) {
      if (imported.startsWith("src/") || imported.startsWith("node:") || imported.endsWith(".json")) continue;
      if (!PACKAGES[imported.replace(/^npm:/, "")]?.includes(room)) wrong.push(`${path} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("http and capture know neither the runtime, nor a clock, nor promises", () => {
  const forbidden = /\bDeno\.|\bperformance\.now\b|\bDate\.now\b|\bsetTimeout\b|\basync\b|\bawait\b/;
  const wrong: string[] = [];
  for (const { path, room, text } of all) {
    if (room !== "http" && room !== "capture") continue;
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const found = forbidden.exec(code);
    if (found !== null) wrong.push(`${path}: ${found[0]}`);
  }
  assert.deepEqual(wrong, []);
});

Deno.test("only the program itself knows arguments, signals and exit codes", () => {
  const wrong = all.filter(({ text }) => /Deno\.(args|exit|addSignalListener)\b/.test(text)).map(({ path }) =>
    path
  );
  assert.deepEqual(wrong, []);
});
