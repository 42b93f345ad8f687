/**
 * Whether another user of the machine may have led astray what is to be written: by a symbolic link, by a file that was
 * there first, by a folder in which anybody may put either. As ssh looks at its own files (StrictModes), but that those
 * of a folder's group are trusted, whom its owner chose. Windows has neither modes nor owners.
 */
import { dirname, join } from "node:path";

const WRITABLE_BY_OTHERS = 0o002;
/** In such a folder, as /tmp is one, nobody removes or replaces the files of others. */
const STICKY = 0o1000;
const ROOT = 0;

/**
 * What is wrong with a folder to write into: it is a symbolic link of another user's, or everybody may write there.
 *
 * @returns What was found and wanted, and how to mend it, for one line; `undefined`: nothing, or it is not there.
 * @throws What looking at it throws.
 */
export async function folderFault(folder: string): Promise<string | undefined> {
  if (Deno.build.os === "windows") return undefined;
  // With a slash at its end it would be where the link leads to.
  const found = await infoOf(folder.replace(/(?<=.)\/+$/, ""));
  if (found === undefined) return undefined;
  if (found.isSymlink && await isForeign(found, folder)) return foreignLink(found);
  const { mode } = await Deno.stat(folder);
  if (mode === null || (mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return undefined;
  return `found the folder ${folder} that everybody may write to, wanted one of your own: ` +
    `chmod o-w it, or take a new folder inside it`;
}

/**
 * What is wrong with a file that is there already: it is a symbolic link of another user's, or, where everybody may write,
 * a file of another user's.
 *
 * @returns As {@link folderFault}.
 * @throws What looking at it throws.
 */
export async function fileFault(path: string): Promise<string | undefined> {
  if (Deno.build.os === "windows") return undefined;
  const found = await infoOf(path);
  if (found === undefined) return undefined;
  const folder = dirname(path);
  const isShared = ((await Deno.stat(folder)).mode ?? 0) & WRITABLE_BY_OTHERS;
  if (!found.isSymlink && !isShared || !await isForeign(found, folder)) return undefined;
  if (found.isSymlink) return foreignLink(found);
  return `found a file of another user (uid ${found.uid}) in a folder that everybody may write to, wanted one of your ` +
    "own: take another name or folder";
}

function foreignLink({ uid }: Deno.FileInfo): string {
  return `found a symbolic link of another user (uid ${uid}), wanted none: remove it, or name where it leads to`;
}

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether it is neither ours nor root's, who can do everything anyway. */
async function isForeign({ uid }: Deno.FileInfo, folder: string): Promise<boolean> {
  return uid !== null && uid !== ROOT && uid !== await ownUid(folder);
}

/** Who we are, as a file in this folder shows: to ask the system takes a permission that nothing else needs. */
async function ownUid(folder: string): Promise<number | null> {
  const path = join(folder, `.tcpmon-${crypto.randomUUID()}`);
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  await Deno.remove(path);
  return (await file.stat()).uid;
}
