import { join } from 'node:path';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import { MAX_TEMPLATE_BYTES } from '../../core/notice/template/parse-template.js';
import {
  TEMPLATE_FORMATS,
  type TemplateFormat,
  type TemplateName,
} from '../../core/notice/template/template-name.js';
import type { NoticeTemplates } from '../../runs/ports/notices.js';
import { isThere, readTextFile } from '../system/files/files.js';
import { distrustOfScript } from '../system/process/trusted-program.js';
import type { Tree } from '../system/tree.js';

/**
 * An administrator's own templates: `/var/cpanel/icontact_templates/autossl/NAME.{subject,text,html}`. They are judged as
 * programs that root runs are (file and every parent root's, no links, not writable by others): what stands in them is sent in
 * our name.
 */
export class TemplateFolder implements NoticeTemplates {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(name: TemplateName): Promise<{
    readonly texts: Partial<Record<TemplateFormat, string>>;
    readonly refused: readonly string[];
  }> {
    const texts: Partial<Record<TemplateFormat, string>> = {};
    const refused: string[] = [];
    for (const format of TEMPLATE_FORMATS) {
      const path = join(this.#tree.noticeTemplates(), `${name}.${format}`);
      if (!(await isThere(path))) continue;
      const distrust = distrustOfScript(path);
      if (distrust !== undefined) {
        refused.push(distrust);
        continue;
      }
      try {
        const text = await readTextFile(path, MAX_TEMPLATE_BYTES);
        if (text !== undefined) texts[format] = text;
      } catch (error) {
        refused.push(`${quoteForMessage(path)} cannot be read: ${printable(reasonOf(error))}`);
      }
    }
    return { texts, refused };
  }
}
