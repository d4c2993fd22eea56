/** No template is longer, in bytes: a page with a company's style and logo text has a tenth. */
export const MAX_TEMPLATE_BYTES = 64 * 1024;
