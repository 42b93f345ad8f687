/** Writing the whole of something: a single write of the system may take less. */

/** Writes all bytes. @throws What the file throws. */
export async function writeAll(file: Pick<Deno.FsFile, "write">, bytes: Uint8Array): Promise<void> {
  for (let taken = 0; taken < bytes.length;) taken += await file.write(bytes.subarray(taken));
}
