/** Who asks, and what they are. */
import type { Env } from "../env.ts";
import type { Table } from "../table.ts";

export const PEOPLE: Table = {
  CURRENTDEPTS: { form: () => (env) => env.user?.departments ?? [] },
  HASROLE: { run: (env: Env, role: string) => env.user?.roles?.includes(role) ?? false, env: true },
};
