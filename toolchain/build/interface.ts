import { existsSync } from "node:fs";
import path from "node:path";
import { generateInterfaces, interfaceSources } from "../interface/gen.js";

/** Generates the interfaces an app imports, when it imports them: "example_interfaces/srv" and the like. */
export class UsedInterfaces {
  private readonly packages = new Set<string>();

  /**
   * @param project folder of the app, whose `interfaces/` is looked in first
   * @param outDir folder for the generated modules
   */
  constructor(
    private readonly project: string,
    private readonly outDir: string,
  ) {}

  /**
   * @param module `<package>/<msg, srv or action>`
   * @returns path of the generated module; undefined if there is no such interface package
   * @throws InterfaceError with every mistake in its definitions
   */
  resolve(module: string): string | undefined {
    const file = path.join(this.outDir, `${module}.ts`);
    if (this.packages.has(module)) return file;
    const sources = interfaceSources(this.project);
    if (!sources.some(({ folder }) => existsSync(path.join(folder, module)))) return undefined;
    this.packages.add(module);
    const { files } = generateInterfaces({
      project: this.project,
      packages: [...this.packages],
      outDir: this.outDir,
    });
    // What was generated along with it needs no second run.
    for (const generated of files) {
      this.packages.add(path.relative(this.outDir, generated).replaceAll("\\", "/").replace(/\.ts$/, ""));
    }
    return file;
  }
}
