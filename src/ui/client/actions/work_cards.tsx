/// <reference lib="dom" />
/** The cards of what takes a while, in a corner of the page. */
import type { JSX } from "preact";
import { counted } from "../table/words.ts";
import { WireText } from "../table/wire_text.tsx";
import { closeCard, type WorkCard, workCards } from "./work.ts";

/** The cards. */
export function WorkCards(): JSX.Element {
  const cards = workCards.value;
  return (
    <section class="a-works" aria-label="Under way">
      {/* Titles are read out as they change; how far it is would be too much. */}
      <p role="status" class="unseen">
        {cards.map(({ id, title }) => <span key={id}>{title}.</span>)}
      </p>
      {cards.map((card) =>
        card.kind === "running" ? <Running key={card.id} card={card} /> : <Done key={card.id} card={card} />
      )}
    </section>
  );
}

function Running({ card }: { readonly card: WorkCard & { readonly kind: "running" } }): JSX.Element {
  const { title, detail, share, cancel } = card;
  return (
    <div class="a-work a-running">
      <strong>
        <WireText text={title} />
      </strong>
      <button type="button" onClick={cancel}>Cancel</button>
      <progress aria-label={title} max={1} {...share !== undefined && { value: share }} />
      <span class="a-note">{detail}</span>
    </div>
  );
}

function Done({ card: { id, title, problems } }: {
  readonly card: WorkCard & { readonly kind: "done" };
}): JSX.Element {
  return (
    <div class="a-work">
      <strong>
        <WireText text={title} />
      </strong>
      <button type="button" aria-label={`Close: ${title}`} onClick={() => closeCard(id)}>✕</button>
      <details>
        <summary>{counted(problems.length, "problem")}</summary>
        <ul>
          {problems.map((problem, i) => (
            <li key={i}>
              <WireText text={problem} />
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
