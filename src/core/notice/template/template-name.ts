/** The two templates: one message for administrators, one for an account's owner. */
export const TEMPLATE_NAMES = ['administrator', 'user'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** A message is made of a subject, a plain text and an HTML page. */
export const TEMPLATE_FORMATS = ['subject', 'text', 'html'] as const;
export type TemplateFormat = (typeof TEMPLATE_FORMATS)[number];

/** Texts of an administrator's own templates; a format that is missing is built in. */
export type TemplateTexts = Readonly<Partial<Record<TemplateFormat, string>>>;
