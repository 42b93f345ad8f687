/// <reference lib="dom" />
/** The part of a listener's form for a slow or broken link: a kind of link, TCPMon's pair, figures, faults. */
import type { JSX } from "preact";
import { viewer } from "../state/store.ts";
import { type Figure, FIGURES, type ListenerDraft } from "./draft.ts";
import { FaultPicker } from "./fault_picker.tsx";
import { changeForm, type FormPlace, SelectPart, TextPart } from "./field.tsx";
import { Folded } from "./folded.tsx";

const FIELDS: { readonly [name in Figure]: readonly [label: string, example: string, hint?: string] } = {
  bytesPerPause: ["Bytes per pause", "1000", "A pause after so many bytes of a connection, each way"],
  delay: ["Delay of a pause", "100ms"],
  rate: ["Rate", "1600kbit", "So much a second: 1600kbit, 1mbit, 200kB"],
  latency: ["Latency", "150ms", "Bytes come so much later"],
  jitter: ["Jitter", "20ms", "Latency varies by up to so much"],
  dropBytes: ["Bytes to drop", "10/64k", "N: the first N; N/EVERY: N after every EVERY"],
  fault: ["Faults", "reset@10%,status=503@5%", "Several are joined by commas"],
  seed: ["Seed", "42", "Makes chance repeat exactly"],
};

/** The part. */
export function LinkPart({ form }: { readonly form: FormPlace }): JSX.Element {
  const { draft } = form.state.value;
  const presets = viewer.value?.linkPresets ?? [];
  const figure = (name: Figure) => {
    const [label, placeholder, hint] = FIELDS[name];
    return (
      <TextPart
        key={name}
        form={form}
        name={`link.${name}`}
        label={label}
        hint={hint}
        placeholder={placeholder}
        value={draft.figures[name]}
        onText={(text) => setFigure(form, name, text)}
      />
    );
  };
  return (
    <Folded title="Slow or broken link" summary={linkSummary(draft)}>
      <SelectPart
        form={form}
        name="link.link"
        label="Behave like"
        value={draft.link}
        choices={[
          ["started", "as tcpmon was started"],
          ["none", "no kind of link: the figures below alone"],
          ...presets.map(({ name, help }) => [name, `${name}: ${help}`] as const),
        ]}
        onChoice={(link) => changeForm(form, "link.link", { link })}
      />
      <div class="l-figures">{(["bytesPerPause", "delay"] as const).map(figure)}</div>
      <div class="l-figures">{(["rate", "latency", "jitter", "dropBytes"] as const).map(figure)}</div>
      {figure("fault")}
      <FaultPicker
        prefix={form.prefix}
        list={draft.figures.fault}
        onList={(list) => setFigure(form, "fault", list)}
      />
      {figure("seed")}
      <p class="l-hint">
        Each holds both ways, unless it begins with up: (client to target) or down:, as in
        up:256kbit,down:2mbit.
      </p>
    </Folded>
  );
}

/** Whoever gives a figure does not want the link that the program was started with. */
function setFigure(form: FormPlace, name: Figure, text: string): void {
  const { figures, link } = form.state.value.draft;
  changeForm(form, `link.${name}`, {
    figures: { ...figures, [name]: text },
    link: link === "started" && text.trim() !== "" ? "none" : link,
  });
}

function linkSummary({ link, figures }: ListenerDraft): string {
  const given = FIGURES.filter((name) => figures[name].trim() !== "");
  if (link === "none" && given.length === 0) return "none";
  const words = given.map((name) =>
    name === "fault" ? figures.fault : `${FIELDS[name][0].toLowerCase()} ${figures[name]}`
  );
  return [...link === "started" || link === "none" ? [] : [link], ...words].join(", ");
}
