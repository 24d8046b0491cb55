/** Who may do what, as the service's own table of roles has it: the pages only tell of it, the service holds to it. */

/** The roles that have a right, for each right that something on these pages takes. */
export const ROLES = {
  record: ["reporter", "editor", "admin"],
  edit: ["editor", "admin"],
  identify: ["editor", "admin"],
  run: ["engineer", "admin"],
} as const;

export type Right = keyof typeof ROLES;

/** Why somebody of this role may not do what is named, and who may: `Giving a verdict takes the right “edit”, …`. */
export function lacking(what: string, right: Right, role: string | null | undefined): string {
  const with_ = ROLES[right].map((one) => `${one}s`);
  const told = [with_.slice(0, -1).join(", "), with_.at(-1)].filter(Boolean).join(" and ");
  const own = (role ?? "").split(", ").filter(Boolean);
  // Whoever would have the right has it nowhere where nothing is recorded.
  if (own.some((one) => (ROLES[right] as readonly string[]).includes(one)))
    return `${what} is not possible here: this service answers questions, and takes nothing in.`;
  const here = own.length ? ` Here you are ${own.map(article).join(" and ")}.` : "";
  return `${what} takes the right “${right}”, which ${told} have.${here}`;
}

function article(role: string): string {
  return `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;
}
