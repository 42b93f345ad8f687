/** Tests that need programs which may be missing. */

/** Whether a program is on the path. */
function has(tool: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${tool}`).isFile;
    } catch {
      return false;
    }
  });
}

/** A test that needs programs; it is skipped, and says so, where one is missing. */
export function testWith(tools: readonly string[], name: string, fn: () => Promise<void>): void {
  const missing = tools.filter((tool) => !has(tool));
  const skipped = missing.length > 0;
  Deno.test({ name: skipped ? `${name} (skipped: no ${missing.join(", ")})` : name, ignore: skipped, fn });
}
