"""Regular expressions of RE2: replacing and matching whole strings, and patterns that are refused."""
import numpy as np

TEXTS = np.array(['baaac', 'aaa', '', 'Hello World 42', 'aab aaa b', 'ÉTÉ straße', 'a\0b', b'\xff\xfea\xc3', 'line one\nline two\n', 'foo.bar(baz)', 'KELVIN \u212a ſ', 'αβγ 😀x',
                  '<br />x<br   >', 'The quick, brown dog! #1', 'aXbXc', '\u00a0\v tab\t'], object)
PATTERNS = [
    ('a*', 'x'), ('a+', r'<\0>'), ('(a+)(b?)', r'<\2\1>'), ('[^a-z0-9 ]', ''), (r'''[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']''', ''), ('<br */?>', ' '), (r'\s+', '_'), (r'\S', '.'), (r'\w+', 'W'),
    (r'\W', '-'), (r'\bb', 'B'), ('.', '.'), ('(?s).', '.'), ('$', '!'), ('^', '^'), ('(?m)$', '!'), ('(?m)^.', '^'), (r'\z', 'Z'), (r'\A.', 'A'), ('(?i)k', '?'), ('(?i)[a-c]+', '?'),
    ('(?i:H)ello', 'J'), ('a|ab', 'Y'), ('ab|a', 'Y'), ('(?:a|aa)+?', 'L'), ('(?U)a+', 'U'), ('(?U)a+?', 'U'), ('a{2}', '2'), ('a{1,2}', '12'), ('a{2,}', '2+'), ('a{,2}', 'no'), ('x{', 'no'), ('[[:alpha:]]', 'p'),
    ('[[:^alpha:]]', 'n'), ('[[:punct:]]', ''), (r'\pL', 'l'), (r'\p{Greek}', 'g'), (r'\PL+', 'N'), (r'\p{^Lu}', 'u'), (r'[^\pL]', '~'), (r'\Q.b\E', 'q'), (r'\x{e9}|\xc9', 'e'), (r'\101|a', 'o'), (r'[\d\s]', '9'),
    (r'[^\d]', '8'), (r'\D', '7'), ('(?P<name>o)(?P<rest>.)', r'\2\1'), ('((a)|b)*', r'[\1\2]'), ('(a*)*', r'(\1)'), ('(a*)+', r'(\1)'), ('(|a)*', 'e'), ('(|a)+', 'e'), ('(a|b)*c', r'{\1}'),
    ('a', r'\\'), ('a', r'$&$1'), ('a', r'\1'), ('a', r'\x'), ('(a)|(b)', r'[\1|\2]'), ('', '-'), ('[a]]', 'x'), ('[]a]', 'x'), ('[^]a]', 'x'), ('[a-]', 'x'), ('[-a]', 'x'), (r'[\]a]', 'x'), ('é', 'e'), ('😀', 's'),
    ('[\\x{1F600}]', 's'), (r'\n', '/'), (r'\.|\(', ''), ('(?i)ß', 'ss'), ('(?i)é', 'e'), ('(?-i)h', 'x'), ('(?i)a(?-i)X', 'x'), ('o{0}', 'z'), ('(?:)', '.'), ('(a{0,2}){2}', r'<\1>'), (r'(\w+)\s(\w+)', r'\2 \1'),
    ('(?:(?:a*)*)*b', 'P'), ('[^[:space:]]+', 'S'), (r'\v', 'v'), ('a.*?a', 'm'), ('a.*a', 'M'),
]
BAD = ['(?=a)', '(?!a)', '(?<=a)', r'(a)\1', 'a++', 'a**', '(', ')', '[a', '*a', '|*', 'a{1001}', 'a{2,1}', r'\8', '\\', '[z-a]', '(?P<n', '(?P<n>a', '(?P=n)', '[[:foo:]]', r'\p{Nope}', '(?z)', '(?<n>a)', r'[a-\d]', '(?', '(?i',
       r'\Z', r'\G', '(?>a)', 'a{2}{3}', '+', '?', '(*)', r'\x{110000}', '(?P<1a>x)', '(?#c)']


def cases(case):
    for pattern, rewrite in PATTERNS:
        for every in [True, False]:
            case('StaticRegexReplace', TEXTS, pattern=pattern, rewrite=rewrite, replace_global=every)
        case('RegexReplace', TEXTS[:3], np.array(pattern, object), np.array(rewrite, object))
        case('StaticRegexFullMatch', TEXTS, pattern=pattern)
        case('StaticRegexFullMatch', TEXTS, pattern=f'.*({pattern}).*')
    for pattern in ['[a-z]+', r'\w+( \w+)*', 'abc', 'aa|aaa', '(?s).*', '(a|aa)+', 'a*?', r'.*\.bar\(.*']:
        case('StaticRegexFullMatch', TEXTS, pattern=pattern)
        case('RegexFullMatch', TEXTS, np.array(pattern, object))
    for pattern in BAD:
        case('RegexFullMatch', TEXTS[:1], np.array(pattern, object))
