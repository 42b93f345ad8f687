/** JSON, XML and plain text as lines: whole, character by character, cut anywhere, and hostile. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { shownLines } from "../../../../src/ui/client/exchange/body/folding.ts";
import { JsonLines } from "../../../../src/ui/client/exchange/lines/json_lines.ts";
import { LINE_CHARACTERS, type LineReader } from "../../../../src/ui/client/exchange/lines/line.ts";
import { RawLines } from "../../../../src/ui/client/exchange/lines/raw_lines.ts";
import { XmlLines } from "../../../../src/ui/client/exchange/lines/xml_lines.ts";

type Make = () => LineReader;
const JSON_LINES: Make = () => new JsonLines();
const XML_LINES: Make = () => new XmlLines();
const RAW_LINES: Make = () => new RawLines();

function read(make: Make, ...pieces: readonly string[]): LineReader {
  const reader = make();
  for (const piece of pieces) if (!reader.isFull) reader.push(piece);
  reader.end();
  return reader;
}

/** The lines as text, two spaces a level. */
function texts({ lines }: LineReader): readonly string[] {
  return lines.map(({ depth, tokens }) => "  ".repeat(depth) + tokens.map(({ text }) => text).join(""));
}

/** Everything that can be told of what was read. */
function told(reader: LineReader): unknown {
  return [reader.lines, reader.problem];
}

/** Reads a text whole, character by character and cut at each place: always the same comes out. */
function everyWay(make: Make, text: string): LineReader {
  const whole = read(make, text);
  assert.deepEqual(told(read(make, ...text)), told(whole), "character by character");
  for (let cut = 1; cut < text.length; cut++) {
    assert.deepEqual(told(read(make, text.slice(0, cut), text.slice(cut))), told(whole), `cut at ${cut}`);
  }
  return whole;
}

Deno.test("JSON has each member and element on a line of its own, in the order and the writing in which it came", () => {
  const reader = everyWay(JSON_LINES, '{"b": [1.0e5,{"x":"\\"}\\u00e9"}],"a":{},\n"c":[ ] , "n":null}');
  assert.deepEqual(texts(reader), [
    "{",
    '  "b": [',
    "    1.0e5,",
    "    {",
    '      "x": "\\"}\\u00e9"',
    "    }",
    "  ],",
    '  "a": {},',
    '  "c": [],',
    '  "n": null',
    "}",
  ]);
  assert.equal(reader.problem, undefined);
  assert.deepEqual(reader.lines.map(({ foldEnd }) => foldEnd), [
    ...[10, 6, undefined, 5, undefined, undefined, undefined],
    ...[undefined, undefined, undefined, undefined],
  ]);
  const kinds = reader.lines[4].tokens.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["name", "punctuation", "string"]);
});

Deno.test("JSON values one after the other are each shown", () => {
  assert.deepEqual(texts(everyWay(JSON_LINES, '{"a":1}\n{"a":2}\n3')), [
    "{",
    '  "a": 1',
    "}",
    "{",
    '  "a": 2',
    "}",
    "3",
  ]);
});

Deno.test("JSON that stops to be JSON stands as it came from there on", () => {
  for (
    const [text, line, reason] of [
      ['[1,2}"x', 3, "found } that closes nothing"],
      ['{"a" 1}', 2, "wanted a comma"],
      ["{a:1}", 1, "wanted a name in quotes"],
      ["[1,]", 2, "wanted a value"],
      ['{"a"}', 2, "wanted a colon"],
      ["<html>", 0, ""],
    ] as const
  ) {
    const reader = everyWay(JSON_LINES, text);
    if (reason !== "") assert.deepEqual(reader.problem, { line, reason }, text);
    assert.equal(texts(reader).join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
  }
});

Deno.test("whatever JSON.stringify writes reads as the same value when its lines are joined, at any cut", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
    const text = JSON.stringify(value);
    const cut = at % (text.length + 1);
    const reader = read(JSON_LINES, text.slice(0, cut), text.slice(cut));
    assert.equal(reader.problem, undefined);
    assert.deepEqual(JSON.parse(texts(reader).join("\n")), JSON.parse(text));
  }));
});

Deno.test("no text is lost by formatting: all but white space is there, in order", () => {
  const piece = fc.constantFrom(
    ...'{}[],:"\\ \n\t<>/!?-ax1é😀'.match(/./gsu)!,
    "<![CDATA[",
    "]]>",
    "-->",
    "<!--",
    "</a>",
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  const bare = (some: string) => some.replace(/\s/g, "");
  fc.assert(
    fc.property(text, fc.nat(), (text, at) => {
      for (const make of [JSON_LINES, XML_LINES, RAW_LINES]) {
        const cut = at % (text.length + 1);
        const whole = read(make, text);
        assert.equal(bare(texts(whole).join("")), bare(text));
        assert.deepEqual(told(read(make, text.slice(0, cut), text.slice(cut))), told(whole));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("XML has each element on a line of its own; an element with text stays as it is inside", () => {
  const xml = `<?xml version="1.0"?>\n<!-- a > b -->\n<a x="1>2" y='3'><b>text</b><c/>\n <d></d><e> </e>` +
    `<f><g>1<h>2</h>\nx</g></f><![CDATA[x<y]]></a>`;
  assert.deepEqual(texts(everyWay(XML_LINES, xml)), [
    '<?xml version="1.0"?>',
    "<!-- a > b -->",
    `<a x="1>2" y='3'>`,
    "  <b>text</b>",
    "  <c/>",
    "  <d></d>",
    "  <e> </e>",
    "  <f>",
    "    <g>1<h>2</h>",
    "x</g>",
    "  </f>",
    "  <![CDATA[x<y]]>",
    "</a>",
  ]);
});

Deno.test("XML that is not well-formed stands as it came from there on", () => {
  const html = everyWay(XML_LINES, "<p><br>one<b>two</p><p>");
  assert.deepEqual(html.problem?.reason, "found </p>, wanted </b>");
  assert.deepEqual(everyWay(XML_LINES, "no XML").problem, {
    line: 0,
    reason: "found text outside of all elements",
  });
  assert.deepEqual(everyWay(XML_LINES, "<a>1 < 2</a>").problem?.reason, "found a < that begins no tag");
  assert.deepEqual(texts(everyWay(XML_LINES, "<a><b")), ["<a><b"]);
});

Deno.test("xml:space preserves, and a document type declaration may have brackets", () => {
  assert.deepEqual(
    texts(everyWay(XML_LINES, `<!DOCTYPE a [<!ENTITY b "]>">]><a xml:space="preserve"> <b/> </a>`)),
    [
      `<!DOCTYPE a [<!ENTITY b "]>">]>`,
      `<a xml:space="preserve"> <b/> </a>`,
    ],
  );
});

Deno.test("plain text has the lines that it has, whichever way they end", () => {
  assert.deepEqual(texts(everyWay(RAW_LINES, "a\r\nb\n\nc\rd\r")), ["a", "b", "", "c\rd\r"]);
});

Deno.test("a line of megabytes is cut into rows, and no pair of surrogates with it", () => {
  const text = "😀".repeat(50_000);
  for (const make of [JSON_LINES, RAW_LINES]) {
    const { lines } = read(make, make === JSON_LINES ? `"${text}"` : text);
    assert.ok(lines.length > 5);
    assert.ok(lines.slice(1).every(({ isContinued }) => isContinued));
    for (const { tokens: [token] } of lines) {
      assert.ok(token.text.isWellFormed() && token.text.length <= LINE_CHARACTERS + 1);
    }
  }
});

Deno.test("ten megabytes of brackets or tags are read at once, and not nested", () => {
  for (const [make, piece] of [[JSON_LINES, "["], [JSON_LINES, '{"a":'], [XML_LINES, "<a>"]] as const) {
    const reader = read(make, ...Array<string>(40).fill(piece.repeat(262_144 / piece.length)));
    assert.match(reader.problem!.reason, /nests deeper than 200 levels/);
    assert.ok(reader.lines.length < 10_000, `${reader.lines.length} lines`);
    assert.ok(reader.lines.every(({ depth }) => depth <= 200));
  }
});

Deno.test("a formatted text has no more lines than a page can hold", () => {
  const reader = read(JSON_LINES, ...Array<string>(40).fill("1\n".repeat(20_000)));
  assert.ok(reader.isFull);
  assert.equal(reader.lines.length, 200_000);
});

Deno.test("tags, comments and strings that never end are shown as far as they go", () => {
  for (const start of ["<a b='", "<!--", "<![CDATA[", "<a"]) {
    const text = (start === "<![CDATA[" ? "<r>" : "") + start + "x".repeat(200_000);
    assert.equal(texts(read(XML_LINES, text, "y".repeat(200_000))).join("").length, text.length + 200_000);
  }
  assert.equal(texts(read(JSON_LINES, '"', "x".repeat(100_000))).join("").length, 100_001);
});

Deno.test("what is folded is not among the lines that are shown, its closing line included", () => {
  const { lines } = read(JSON_LINES, '{"a":[1,2],"b":{"c":3}}');
  assert.deepEqual(shownLines(lines, new Set(), 99), { shown: [0, 1, 2, 3, 4, 5, 6, 7, 8], isAll: true });
  assert.deepEqual(shownLines(lines, new Set([1]), 99), { shown: [0, 1, 5, 6, 7, 8], isAll: true });
  assert.deepEqual(shownLines(lines, new Set([0]), 99), { shown: [0], isAll: true });
  assert.deepEqual(shownLines(lines, new Set([5]), 3), { shown: [0, 1, 2], isAll: false });
  const open = read(JSON_LINES, "[[1,").lines;
  assert.deepEqual(shownLines(open, new Set([1]), 99), { shown: [0, 1], isAll: true });
});
