/**
 * The backend where nginx is missing: a small JSON response to every request, {@link LARGE_PATH} excepted, which is
 * answered with {@link LARGE_BYTES} from memory. Slower than nginx, so ratios come out closer to 1 with it.
 *
 * Run as `deno run --allow-net backend.ts`; the line on stderr says which port it took.
 */

/** What every small request is answered with: 150 bytes, about what an API's single object takes. */
export const SMALL_BODY: string = JSON.stringify({
  symbol: "AAA",
  price: 101.25,
  currency: "EUR",
  note: "x".repeat(92),
});

/** The path of the large body. */
export const LARGE_PATH = "/large";

/** The size of the large body: 1 GiB. */
export const LARGE_BYTES: number = 1024 ** 3;

const CHUNK_BYTES = 1024 ** 2;

/** `bytes` zeros as a stream of views of one chunk. */
function zeros(bytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, CHUNK_BYTES);
      if (size === 0) return controller.close();
      left -= size;
      controller.enqueue(chunk.subarray(0, size));
    },
  });
}

function answer(request: Request): Response {
  if (new URL(request.url).pathname === LARGE_PATH) {
    return new Response(zeros(LARGE_BYTES), { headers: { "content-length": String(LARGE_BYTES) } });
  }
  return new Response(SMALL_BODY, { headers: { "content-type": "application/json" } });
}

if (import.meta.main) {
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.error(`backend: listening on 127.0.0.1:${port}`),
  }, answer);
}
