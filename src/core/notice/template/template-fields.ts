/** What a template may name at one level: single texts, and lists with levels of their own. */
export interface TemplateShape {
  readonly fields: readonly string[];
  readonly lists: Readonly<Record<string, TemplateShape>>;
}

/** The same filled in. A text that is empty, and a list without items, count as “not there” for sections. */
export interface TemplateData {
  readonly fields: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, readonly TemplateData[]>>;
}

const NAME: TemplateShape = { fields: ['name', 'code', 'why', 'advice'], lists: {} };
const TROUBLE: TemplateShape = {
  fields: [
    'website',
    'account',
    'kind',
    'state',
    'urgency',
    'headline',
    'what',
    'code',
    'moreNames',
    'next',
    'todo',
    'command',
    'excludeHint',
    'excludeCommand',
    'deadlineAt',
    'notAfter',
    'isExpired',
    'isLate',
  ],
  lists: { names: NAME },
};
const LINE: TemplateShape = { fields: ['website', 'account', 'kind', 'text', 'command'], lists: {} };

/** All that a template of ours or of an administrator may name (man page autossl(8), NOTICES). */
export const MESSAGE_SHAPE: TemplateShape = {
  fields: [
    'host',
    'account',
    'createdAt',
    'summary',
    'isRoot',
    'repeat',
    'troubleCount',
    'moreTroubles',
    'overCount',
    'moreOver',
    'renewedCount',
    'moreRenewed',
    'standingCount',
    'moreStanding',
  ],
  lists: { troubles: TROUBLE, over: LINE, renewed: LINE, standing: LINE },
};
