/** Folders and files that other users may have prepared. Only root can give files away, so most of it needs root. */
import assert from "node:assert/strict";
import { fileFault, folderFault } from "../../../src/log/recorder/trusted_path.ts";
import { refuseForeign } from "../../../src/program/history.ts";
import { exchange } from "../human_fixtures.ts";
import { files, record } from "./recording.ts";

const NOBODY = 65_534;
const HAS_USERS = Deno.build.os !== "windows";
const IS_ROOT = HAS_USERS && Deno.uid() === 0;

/** Gives a link away, not what it leads to. */
async function giveAway(link: string): Promise<void> {
  const { success } = await new Deno.Command("chown", { args: ["-h", `${NOBODY}:${NOBODY}`, link] }).output();
  assert.ok(success);
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "trusted" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a folder that everybody may write to is refused, unless nobody can replace what is in it",
  ignore: !HAS_USERS,
  fn: () =>
    inFolder(async (folder) => {
      for (
        const [mode, isRefused] of [[0o700, false], [0o775, false], [0o1777, false], [0o777, true]] as const
      ) {
        await Deno.chmod(folder, mode);
        assert.equal(await folderFault(folder) !== undefined, isRefused, mode.toString(8));
      }
      await assert.rejects(
        record({ folder }),
        /^Error: cannot record in .*: found the folder .* that everybody may write to, wanted one of your own: chmod /,
      );
      await assert.rejects(
        refuseForeign(`${folder}/h`),
        /^Error: cannot open the history .*\/h: found the folder /,
      );
      assert.deepEqual(files(folder), []);
    }),
});

Deno.test({
  name: "links of one's own are followed",
  ignore: !HAS_USERS,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/real`);
      await Deno.symlink(`${folder}/real`, `${folder}/link`);
      assert.equal(await folderFault(`${folder}/link`), undefined);
      await using recording = await record({ folder: `${folder}/link` });
      recording.recorder.write(exchange());
      await recording.recorder.flush();
      assert.equal(files(`${folder}/real`).length, 1);
    }),
});

Deno.test({
  name: "a folder that is a link of another user's is refused",
  ignore: !IS_ROOT,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/real`);
      await Deno.symlink(`${folder}/real`, `${folder}/link`);
      await giveAway(`${folder}/link`);
      for (const name of ["link", "link/"]) {
        await assert.rejects(
          record({ folder: `${folder}/${name}` }),
          /: found a symbolic link of another user \(uid 65534\), wanted none: /,
        );
      }
      assert.deepEqual(files(`${folder}/real`), []);
    }),
});

Deno.test({
  name: "a lock or a history that leads to where another user wants it is not written to",
  ignore: !IS_ROOT,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.chmod(folder, 0o1777);
      for (const name of ["tcpmon.lock", "history", "other-wal"]) {
        await Deno.symlink(`${folder}/victim`, `${folder}/${name}`);
        await giveAway(`${folder}/${name}`);
      }
      await assert.rejects(record({ folder }), /: tcpmon\.lock: found a symbolic link of another user/);
      await assert.rejects(
        refuseForeign(`${folder}/history`),
        /\/history: found a symbolic link of another user/,
      );
      await assert.rejects(
        refuseForeign(`${folder}/other`),
        /\/other: found a symbolic link of another user/,
      );
      await assert.rejects(Deno.lstat(`${folder}/victim`), Deno.errors.NotFound);
      assert.deepEqual([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith(".")), []);
    }),
});

Deno.test({
  name: "where everybody may write, files that others have put there are neither gone on with nor removed",
  ignore: !IS_ROOT,
  fn: () =>
    inFolder(async (folder) => {
      const segment = `${folder}/tcpmon-20261120T103106.123Z-000007.jsonl`;
      for (const path of [segment, `${segment}.gz.part`, `${folder}/history`]) {
        await Deno.writeTextFile(path, "");
        await Deno.chown(path, NOBODY, NOBODY);
      }
      assert.equal(await fileFault(`${folder}/history`), undefined);
      await Deno.chmod(folder, 0o1777);
      await assert.rejects(
        refuseForeign(`${folder}/history`),
        /found a file of another user \(uid 65534\) in a folder/,
      );
      {
        await using recording = await record({ folder });
        recording.recorder.write(exchange());
        await recording.recorder.flush();
        assert.ok(files(folder).some((name) => name.endsWith("-000001.jsonl")), files(folder).join());
      }
      assert.ok((await Deno.lstat(`${segment}.gz.part`)).isFile);
      assert.ok((await Deno.lstat(segment)).isFile);
    }),
});
