// What apt would do, judged before it does it. Pure; `install.mjs` carries it out.

/** What `apt-get -s install` says it would do. Lines: `Inst NAME [OLD] (NEW …)`, `Remv NAME [OLD]`, `Conf …`. */
export function parseSimulation(text) {
  const plan = { installs: [], upgrades: [], removals: [] };
  for (const line of text.split('\n')) {
    const found = /^(Inst|Remv|Purg) (\S+)(?: \[([^\]]*)\])?/.exec(line);
    if (found === null) continue;
    const [, verb, name, old] = found;
    if (verb !== 'Inst') plan.removals.push(name);
    else if (old === undefined) plan.installs.push(name);
    else plan.upgrades.push(name);
  }
  return plan;
}

/** Whether apt failed because its lists do not know a package: the lists are missing or old. */
export function areListsLacking(text) {
  return /Unable to locate package|has no installation candidate|is not available, but is referred to/.test(
    text,
  );
}

/** Why this machine is left alone; undefined when packages may be installed. */
export function refusalOfMachine({ uid, isDebian, pid1, isCi }) {
  if (!isDebian) return 'this is not Debian';
  if (uid !== 0) return 'not run as root';
  if (pid1 === 'systemd' && !isCi) return 'this is a machine in use (systemd runs, CI is unset)';
  return undefined;
}

/** Why this plan is not carried out; undefined when it may be. */
export function refusalOfPlan(plan) {
  if (plan.removals.length > 0) return `apt would remove ${plan.removals.join(', ')}`;
  return undefined;
}

/** Packages of the missing parts, each once, in table order. */
export function packagesOf(missingParts, parts) {
  const names = missingParts.map((part) => parts[part].package).filter((name) => name !== null);
  return [...new Set(names)];
}
