"""Small templates, one construct each, for chat_template_parity.py. Those that Jinja refuses are here too."""

VARIABLES = {
    "s": "  Hello, wide World \n",
    "name": "ada lovelace",
    "unicode": "Ünï \u00a0ΣΑΣ ß e\u0301 日本 😀",
    "quotes": "it's \"so\" \\ <b>&\t\u0001\u007f\u2028",
    "n": 7,
    "f": 2.5,
    "yes": True,
    "no": False,
    "nothing": None,
    "xs": [3, 1, 2, 1],
    "empty": [],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, True, 2.0, [1], {"k": "v"}],
    "d": {"b": 1, "a": {"x": [1, 2.5, None, True]}, "C": "é\n"},
    "none_d": {},
    "people": [
        {"name": "Eve", "age": 30, "tags": ["x"], "role": "user"},
        {"name": "adam", "age": 20, "tags": [], "role": "assistant"},
        {"name": "Bob", "age": 30, "role": "user"},
    ],
    "lines": "one\ntwo\r\n\n  three\n",
    "path": "a::b::c::d",
    "floats": [0.1, 1e16, 1.5e300, 1e-5, 0.0001, 123456789012345680.0, -0.0, 3.0, 1 / 3],
    "items": {"get": 1, "items": 2, "content": 3},
}

# White space around tags.
SPACE = """
a  {{ 1 }}  b
--
a  {{- 1 -}}  b
--
  {% if yes %}  x  {% endif %}  y
--
  {%- if yes -%}  x  {%- endif -%}  y
--
  {%+ if yes +%}
x
  {% endif +%}
y
--
<{# c #}>
  {# alone #}
z
--
a {#- c -#} b
--
{% for x in xs %}
  {{ x }}
{% endfor %}
end
--
{%- for x in xs %}
{{ x }},
{%- endfor %}
--
{% for x in xs -%} {{ x }} {%- endfor %}
--
line
	{% set a = 1 %}	tail
--
x {% set a = 1 %}
y
--
{{ 1 }}
{{ 2 }}

{{ 3 }}
--
{% raw %}{{ not }} {% tags %}{% endraw %}
after
--
  {%- raw -%}  a {{ b }}  {%- endraw -%}  z
--
  {% raw %}
  x
  {% endraw %}
  y
--
{{ "a
b" }}|{{ 'c\\
d' }}
--
{{+ 1 }}
--
{% if yes %}{% endif %}

tail
--
{{ '}}' }}{{ "%}" }}{{ {'a': {'b': 1}}['a']['b'] }}
--
{ { % not tags # } %} }}
--
text with trailing newlines


--

  {% if yes %}
    a
  {% else %}
    b
  {% endif %}
c
"""

# Values, operators, comparisons.
EXPRESSIONS = """
{{ 1 }} {{ -3 }} {{ 1_000 }} {{ 0x1F }} {{ 2.50 }} {{ 1e3 }} {{ 1.5e-7 }}
{{ true }} {{ False }} {{ none }} {{ None }}
{{ 'a' "b" 'c' }}
{{ 'tab\\tnl\\nq\\'\\"\\\\ \\x41 \\u00e9 \\U0001F600 \\q \\101' }}
{{ [1, 'a', none, true, 2.0] }} {{ [] }} {{ [1,] }}
{{ (1, 2) }} {{ (1,) }} {{ () }} {{ (1) }} {{ 1, 2 }}
{{ {'a': 1, "b": [2, {'c': none}]} }} {{ {} }} {{ {1: 'x', true: 'y', none: 3} }}
{{ floats }}
{% for x in floats %}{{ x }} {% endfor %}
{{ mixed }} {{ d }}
{{ [quotes, unicode, "it's", 'a"b', '\\x7f\\xa0\\u200b'] }}
{{ 7 + 2 }} {{ 7 - 2 }} {{ 7 * 2 }} {{ 7 / 2 }} {{ 8 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }}
{{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ 0 ** 0 }} {{ (-1) ** 5 }}
{{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 1.0 + 2 }} {{ true + true }}
{{ -2 ** 2 }} {{ 2 + 3 * 4 - 1 }} {{ (2 + 3) * 4 }}
{{ 1 + 2 ~ 3 + 4 }}
{{ 'a' + 2 ~ 3 + 'b' }} {{ 'a' ~ 2 * 3 }}
{{ -n|abs }} {{ (-n)|abs }} {{ - 3 + 1 }}
{{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [1, 2] * 2 }} {{ 'x' * -1 }}
{{ 'a' + 'b' ~ 1 ~ none ~ true ~ 2.0 ~ [1] }}
{{ [1] + [2, 3] }} {{ (1,) + (2,) }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ 'a' == 'a' }} {{ 'a' != 'b' }} {{ 'a' < 'b' }} {{ 'B' < 'a' }}
{{ [1, 2] == [1, 2] }} {{ [1] < [1, 2] }} {{ (1,) == [1] }} {{ {'a': 1} == {'a': 1.0} }} {{ none == false }}
{{ 'é' == 'e\\u0301' }}
{{ 1 >= 1 }} {{ 2 <= 1 }} {{ 2 > 1 }}
{{ 'wide' in s }} {{ 'x' not in s }} {{ 1 in xs }} {{ 9 not in xs }} {{ 'a' in d }} {{ '' in 'a' }} {{ 1 in [true] }} {{ none in [none] }}
{{ not yes }} {{ not 1 == 2 }} {{ not yes or yes }}
{{ yes and 'x' }} {{ no or 'y' }} {{ no and missing.x }} {{ '' or none or [] }} {{ 1 and 2 and 0 and 3 }}
{{ 'a' if yes else 'b' }} {{ 'a' if no else 'b' }} {{ 'a' if no }} {{ 1 if no else 2 if no else 3 }}
{{ ('a' if yes else 'b') ~ 'c' }} {{ 'x' ~ 'a' if yes else 'b' }}
{{ s[0:3] }}|{{ s[-4:] }}|{{ name[::-1] }}|{{ name[::2] }}|{{ name[5:1:-2] }}|{{ name[-100:100] }}|{{ name[3:3] }}
{{ xs[1:] }} {{ xs[:-1] }} {{ xs[::-1] }} {{ xs[-2:] }} {{ xs[10:] }} {{ (1, 2, 3)[1:] }} {{ xs[:2][0] }} {{ xs[none:none] }}
{{ xs[0] }} {{ xs[-1] }} {{ xs.0 }} {{ xs[9] }} {{ xs[true] }} {{ name[0] }} {{ name[-1] }} {{ name[99] }} {{ unicode[4] }}
{{ d.a.x[1] }} {{ d['a']['x'][0] }} {{ d.missing }} {{ d['missing'] }} {{ people[0].name }} {{ people.1.age }}
{{ items.get is defined }} {{ items.get is callable }}
{{ items['get'] }} {{ items['items'] }} {{ items.content }} {{ items.get('content') }} {{ items.items()|list }}
{{ missing }} {{ missing is defined }} {{ missing|default('d') }} {{ missing == other_missing }} {{ missing ~ 'x' }}
{{ none.x }} {{ none['x'] }} {{ n.x }} {{ name.x }} {{ xs.x }} {{ xs['x'] }} {{ n[0] }}
{{ {'a': 1}.a }} {{ [1, 2][1] }} {{ 'abc'[1] }} {{ 'abc'.upper() }} {{ ('a' ~ 'b').upper() }}
{{ 1 is number and 2 is number }} {{ 1 + 1 is number }}
{{ [x for x in xs] }}
{{ 1.2.3 }}
{{ 3.0 }} {{ 10 / 5 }} {{ 1e15 }} {{ 1e16 }} {{ 123456.789e3 }}
{{ 9007199254740993 }} {{ 5 // 0.5 }}
{{ none in d }} {{ 1.5 in xs }}
{{ xs|length > 3 and xs[0] == 3 }} {{ xs | length - 1 }} {{ 'x' ~ xs|length ~ 'y' }}
{{ xs|first + xs|last }} {{ -(xs|first) }}
{{ -xs|first }}
{{ [[1, 2], [3]][0][1] }} {{ {'k': {'l': [5]}}['k'].l[0] }}
{{ name.split(' ')[0].upper()[1:] }}
{{ undefined_a is defined and undefined_a.b }}
{{ 1 if missing is not defined else 2 }}
{{ "" is string }} {{ not missing }} {{ not not 1 }}
"""

# What Jinja refuses, at reading or rendering.
ERRORS = """
{{ missing.x }}
{{ missing.x is defined }}
{{ missing['x'] }}
{{ missing[1:] }}
{{ missing + 'a' }}
{{ missing < 1 }}
{{ missing() }}
{{ -missing }}
{{ missing in 'abc' }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ none + 'a' }}
{{ [1] + (2,) }}
{{ {} + {} }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ 1 in 'abc' }}
{{ 1 in none }}
{{ 1 in 5 }}
{{ [] in d }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1 // 0 }}
{{ {[]: 1} }}
{{ xs[::0] }}
{{ -'a' }}
{{ n() }}
{{ name.nothing() }}
{{ xs.append(1) }}
{% set x = xs.append(1) %}
{{ d.update({}) }}
{{ d.pop('a') }}
{{ xs.index(99) }}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% for a, b in xs %}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{% endfor %}
{% set a, b = [1] %}
{% set d.x = 1 %}
{% set missing.x = 1 %}
{{ 1|nofilter }}
{{ 1 is notest }}
{{ nofunction() }}
{{ 5|length }}
{{ none|length }}
{{ 'a'|abs }}
{{ ['a', 1]|sort }}
{{ ['a', 1]|max }}
{{ xs|join|nofilter }}
{{ missing|tojson }}
{{ xs|map('upper')|tojson }}
{{ xs|map('upper')|length }}
{{ (xs|map('upper'))|last }}
{{ 5|list }}
{{ 5|first }}
{{ 5|items|list }}
{{ 5|dictsort }}
{{ 'a'|replace('b') }}
{{ 'abc'.split('') }}
{{ 'abc'.startswith(1) }}
{{ 'abc'.startswith(['a']) }}
{{ ','.join([1]) }}
{{ 'a'.replace('a') }}
{{ d.get() }}
{{ d.get(key='a') }}
{{ range('a') }}
{{ range() }}
{{ range(1, 2, 0) }}
{{ range(200000) }}
{{ namespace(1) }}
{{ 'a' is divisibleby }}
{{ 'a' is odd }}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{% endmacro %}{{ m(b=2) }}
{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}
{% macro m(a, b=1, c) %}{% endmacro %}
{{ loop.index }}
{{ strftime_now() }}
{{ 'a'|default(1, 2, 3) }}
{{ 1 2 }}
{{ }}
{{ 1 + }}
{{ (1 }}
{{ 1) }}
{{ [1, 2 }}
{{ {'a' 1} }}
{{ 'open }}
{{ 1
{% if %}{% endif %}
{% if yes %}
{% endif %}
{% for x %}{% endfor %}
{% for 1 in xs %}{% endfor %}
{% else %}
{% unknown %}
{% set %}
{% set 1 = 2 %}
{% set true = 2 %}
{% break %}
{% for x in xs %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}
{# open
{% raw %} open
{{ ! }}
{{ a ? b }}
{{ $x }}
{{ 1 is is }}
{{ x is defined is defined }}
{% if yes %}{% else %}{% else %}{% endif %}
{{ f(a=1, 2) }}
{{ 'a'.'b' }}
{{ x. }}
{{ x[ }}
"""

# Filters and tests.
FILTERS = """
[{{ s|trim }}] [{{ 'xxaxx'|trim('x') }}] [{{ 5|trim }}] [{{ unicode|trim }}] [{{ none|trim }}] [{{ missing|trim }}]
{{ name|upper }} {{ name|lower }} {{ name|title }} {{ name|capitalize }} {{ unicode|upper }} {{ unicode|lower }} {{ unicode|capitalize }}
{{ "o'brien mc-donald (x) ABC"|title }} {{ 'ab1c d_e'|title }} {{ 'ΑΣ ΑΣΑ Σ'|lower }}
{{ d|tojson }} {{ mixed|tojson }} {{ quotes|tojson }} {{ unicode|tojson }} {{ floats|tojson }}
{{ d|tojson(indent=2) }}
{{ d|tojson(indent=4) }} {{ {}|tojson(indent=2) }} {{ []|tojson(indent=2) }} {{ [[], {}]|tojson(indent=1) }}
{{ d|tojson(separators=(',', ':')) }} {{ d|tojson(separators=[',', ': '], indent=2) }}
{{ d|tojson(sort_keys=true) }} {{ unicode|tojson(ensure_ascii=true) }} {{ quotes|tojson(ensure_ascii=True) }} {{ d|tojson(true) }}
{{ d|tojson(indent='--') }} {{ (1, 2)|tojson }} {{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }} {{ '</script>'|tojson }}
{{ xs|length }} {{ s|length }} {{ unicode|length }} {{ d|length }} {{ missing|length }} {{ xs|count }}
{{ xs|first }} {{ xs|last }} {{ empty|first }} {{ empty|last is defined }} {{ name|first }} {{ d|first }} {{ d|last }}
{{ xs|join }} {{ xs|join(', ') }} {{ words|join('-') }} {{ people|join(', ', attribute='name') }} {{ name|join('.') }} {{ mixed|join('|') }} {{ d|join(',') }}
{{ 'aXbXc'|replace('X', '-') }} {{ 'aXbXc'|replace('X', '-', 1) }} {{ 'abc'|replace('', '.') }} {{ 123|replace('2', 'x') }} {{ '日本'|replace('', '-') }}
{{ missing|default }} {{ missing|default('x') }} {{ ''|default('x') }} {{ ''|default('x', true) }} {{ none|default('x') }} {{ none|default('x', boolean=true) }} {{ missing|d(1) }} {{ d.q|default(d.b) }} {{ no|default(1) }}
{{ name|list }} {{ d|list }} {{ xs|list }} {{ missing|list }} {{ range(3)|list }}
{{ d|items|list }} {% for k, v in d|items %}{{ k }}={{ v }};{% endfor %} {{ missing|items|list }}
{{ people|map(attribute='name')|list }} {{ people|map(attribute='tags.0', default='-')|list }} {{ words|map('upper')|join(',') }} {{ words|map('replace', 'p', 'q')|list }} {{ people|map(attribute='missing')|list }}
{{ people|selectattr('role', 'equalto', 'user')|map(attribute='name')|list }} {{ people|selectattr('tags')|list|length }} {{ people|selectattr('tags', 'defined')|list|length }} {{ people|selectattr('age', '>', 25)|list|length }}
{{ people|rejectattr('role', 'eq', 'user')|map(attribute='name')|join }} {{ people|rejectattr('tags')|map(attribute='name')|list }}
{{ xs|select('odd')|list }} {{ xs|reject('odd')|list }} {{ mixed|select|list }} {{ mixed|reject|list }} {{ mixed|select('string')|list }} {{ xs|select('>', 1)|list }} {{ words|reject('in', ['fig'])|list }}
{{ people|selectattr('role', 'equalto', 'nobody')|first is defined }} {{ 'T' if people|selectattr('role', 'equalto', 'nobody') else 'F' }} {{ 'T' if people|selectattr('role', 'equalto', 'nobody')|list else 'F' }}
{% set it = xs|map('string') %}{{ it|list }}{{ it|list }}{{ it is iterable }}{{ it is sequence }}{{ it is string }}
{{ people|map(attribute='tags.0')|list }}
{{ 5|string ~ 'x' }} {{ none|string }} {{ d|string }} {{ 2.0|string }} {{ true|string|length }}
{{ '12'|int }} {{ ' 12 '|int }} {{ 'x'|int }} {{ 'x'|int(-1) }} {{ '3.9'|int }} {{ 3.9|int }} {{ -3.9|int }} {{ '1_0'|int }} {{ 'ff'|int(base=16) }} {{ '0x1f'|int(0, 16) }} {{ true|int }} {{ none|int }} {{ missing|default(4)|int }} {{ '1e3'|int }}
{{ '1.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.0) }} {{ 2|float }} {{ 'inf'|float }} {{ ' 1e2 '|float }} {{ '0x1p3'|float }}
{{ s|safe }} {{ 5|safe }} {{ '<a>'|e }} {{ "<'\\">&"|escape }}
[{{ lines|indent }}] [{{ lines|indent(2) }}] [{{ lines|indent(2, true) }}] [{{ lines|indent(width=3, first=True, blank=True) }}] [{{ lines|indent('> ') }}] [{{ 'a'|indent }}] [{{ ''|indent }}]
{{ xs|sort }} {{ xs|sort(reverse=true) }} {{ words|sort }} {{ words|sort(case_sensitive=true) }} {{ people|sort(attribute='age')|map(attribute='name')|list }} {{ people|sort(attribute='age,name')|map(attribute='name')|list }} {{ people|sort(true, attribute='age')|map(attribute='name')|list }} {{ d|sort }}
{{ xs|unique|list }} {{ words|unique|list }} {{ words|unique(true)|list }} {{ people|unique(attribute='age')|map(attribute='name')|list }}
{{ d|dictsort|list|length }} {% for k, v in d|dictsort %}{{ k }}{% endfor %} {% for k, v in d|dictsort(true) %}{{ k }}{% endfor %} {% for k, v in {'x': 2, 'y': 1}|dictsort(by='value') %}{{ k }}{% endfor %} {{ {'x': 2, 'y': 1}|dictsort(false, 'key', true) }}
{{ xs|reverse|list }} {{ name|reverse }} {% for x in xs|reverse %}{{ x }}{% endfor %} {{ d|reverse|list }}
{{ -5|abs }} {{ -2.5|abs }} {{ 5|abs }}
{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 2.4|round(method='ceil') }} {{ 2.6|round(0, 'floor') }} {{ 5|round }} {{ 1234.5|round(-2) }} {{ 2.345|round(1, 'ceil') }} {{ 1.005|round(2) }} {{ 0.125|round(2) }}
{{ xs|min }} {{ xs|max }} {{ words|min }} {{ words|max }} {{ words|max(case_sensitive=true) }} {{ people|max(attribute='age') }} {{ empty|max is defined }} {{ people|min(attribute='age') }}
{{ xs|sum }} {{ people|sum(attribute='age') }} {{ xs|sum(start=10) }} {{ floats|sum }}
{{ 'one two  three'|wordcount }} [{{ 'ab'|center(7) }}] [{{ 'abc'|center(8) }}]
{{ d|attr('b') is defined }} {{ name|attr('nothing') is defined }}
{{ 1 is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ d.zz is defined }} {{ d.a.x is defined }}
{{ none is none }} {{ 1 is none }} {{ missing is none }} {{ nothing is none }} {{ nothing is defined }} {{ nothing is not none }}
{{ 'a' is string }} {{ 1 is string }} {{ d is mapping }} {{ xs is mapping }} {{ xs is iterable }} {{ name is iterable }} {{ 5 is iterable }} {{ missing is iterable }} {{ d is iterable }} {{ none is iterable }}
{{ xs is sequence }} {{ name is sequence }} {{ d is sequence }} {{ 5 is sequence }} {{ none is sequence }} {{ (1,) is sequence }} {{ missing is sequence }} {{ missing is mapping }}
{{ 1 is number }} {{ 1.5 is number }} {{ true is number }} {{ '1' is number }} {{ 1 is integer }} {{ true is integer }} {{ 1.0 is integer }} {{ 1.0 is float }} {{ 1 is float }}
{{ true is boolean }} {{ 1 is boolean }} {{ true is true }} {{ 1 is true }} {{ false is false }} {{ 0 is false }} {{ none is false }} {{ yes is true }} {{ no is not true }}
{{ 3 is odd }} {{ 3 is even }} {{ 4 is divisibleby 2 }} {{ 9 is divisibleby(2) }} {{ 4 is even and 3 is odd }}
{{ 1 is eq 1 }} {{ 1 is equalto 2 }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 2 is ge 2 }} {{ 1 is in [1, 2] }} {{ 3 is not in xs }} {{ 'a' is in 'abc' }} {{ 1 is gt(0) }} {{ 2 is sameas 2 }} {{ none is sameas none }} {{ true is sameas 1 }}
{{ 'abc' is lower }} {{ 'ABC' is upper }} {{ 'aB' is lower }} {{ '1' is upper }} {{ '' is lower }}
{{ range is callable }} {{ name is callable }} {{ name.upper is callable }} {{ missing is callable }} {{ namespace is defined }}
{{ 'upper' is filter }} {{ 'nope' is filter }} {{ 'odd' is test }}
{{ 'a' if d.a is mapping and d.b is not string else 'b' }} {{ 'x' if missing is defined and missing.y else 'z' }}
{{ d.b is number or 1 is none }} {{ not d.b is number }} {{ (d.b is number) == true }}
{% filter upper %}abc {{ name }}{% endfilter %} {% filter replace('a', 'b')|upper %}aaa{% endfilter %}
{{ {'a': 1, 'b': 2}|join('') }} {{ 'abc'|list|join(' ') }} {{ xs|map('string')|join('+') }}
"""

# Methods.
METHODS = """
[{{ s.strip() }}] [{{ s.lstrip() }}] [{{ s.rstrip() }}] [{{ 'xxaxx'.strip('x') }}] [{{ 'xyaxy'.lstrip('xy') }}] [{{ '\\n\\na\\n'.rstrip('\\n') }}] [{{ s.strip(none) }}] [{{ '\\u00a0\\u3000a\\u2003'.strip() }}]
{{ path.split('::') }} {{ path.split('::', 1) }} {{ path.split('::')[-1] }} {{ path.rsplit('::', 1) }} {{ ' a  b '.split() }} {{ ' a  b  c '.split(none, 1) }} {{ ' a  b  c '.rsplit(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a,b,'.split(',') }} {{ 'aXXXb'.rsplit('XX') }} {{ 'a b'.split(' ', maxsplit=0) }} {{ ' a b '.split(maxsplit=0) }}
{{ 'think</think>answer'.split('</think>')[-1].lstrip('\\n') }} {{ 'a'.split('b') }} {{ '日本日'.split('本') }}
{{ name.startswith('ada') }} {{ name.endswith('ace') }} {{ name.startswith('x') }} {{ name.startswith(('x', 'a')) }} {{ name.endswith('') }}
{{ name.upper() }} {{ 'ABC'.lower() }} {{ "they're bill's x1y".title() }} {{ 'hELLO wORLD'.capitalize() }} {{ 'ßa ǆ'.title() }} {{ 'ǆa'.capitalize() }}
{{ 'aXbX'.replace('X', 'Y') }} {{ 'aXbX'.replace('X', 'Y', 1) }} {{ 'ab'.replace('', '-') }} {{ 'aaa'.replace('aa', 'b') }}
{{ lines.splitlines() }} {{ lines.splitlines(true) }} {{ 'a\\x0bb\\x1cc\\u2028d'.splitlines() }}
{{ ', '.join(words) }} {{ ''.join([]) }} {{ ''.join(words|map('upper')) }} {{ '-'.join('abc') }}
{{ 'abc'.isdigit() }} {{ '12'.isdigit() }} {{ ''.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' \\n'.isspace() }} {{ 'Ab'.isupper() }} {{ 'ab1'.islower() }} {{ '½'.isnumeric() }} {{ '²'.isdigit() }}
{{ 'hello'.find('l') }} {{ 'hello'.find('z') }} {{ 'hello'.count('l') }} {{ '日本語'.find('語') }} {{ 'aaa'.count('aa') }} {{ 'ab'.count('') }}
{{ 'prefix-x'.removeprefix('prefix-') }} {{ 'x.txt'.removesuffix('.txt') }} {{ 'x'.removesuffix('') }}
{{ d.get('b') }} {{ d.get('zz') }} {{ d.get('zz', 'default') }} {{ d.get('a').get('x')[0] }} {{ d.get('zz', {}).get('y') }} {{ d.get(1) }}
{% for k, v in d.items() %}{{ k }}:{{ v }} {% endfor %} {% for k in d.keys() %}{{ k }}{% endfor %} {% for v in d.values() %}{{ v }}{% endfor %} {{ d.items()|length }} {{ d.keys()|list }} {{ d.values()|list|last }} {% for k in d %}{{ k }}{% endfor %}
{{ xs.index(2) }} {{ xs.count(1) }} {{ (1, 2).index(2) }} {{ d.copy() }}
{{ xs.append is defined }} {{ d.update is defined }} {{ name.upper is defined }} {{ name.nope is defined }} {{ d.items is defined }}
{{ range(3)|list }} {{ range(1, 4)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }} {% for i in range(2) %}{{ i }}{% endfor %} {{ range(3, 1)|list }}
{{ dict(a=1, b=2) }} {{ dict({'a': 1}, b=2) }} {{ dict([('x', 1)]) }} {{ dict() }} {{ dict(**{'k': 1}) }}
{{ strftime_now('%Y-%m-%d') }} {{ strftime_now('%d %b %Y %H:%M:%S') }} {{ strftime_now('%A, %B %d, %Y %%') }} {{ strftime_now is defined }}
{{ raise_exception('no: ' ~ name) }}
{{ raise_exception(5) }}
{% if messages is defined %}{{ raise_exception('x') }}{% endif %}ok
{{ 'a'.join(['b', 'c']).upper().split('A') }}
{{ words|map('length')|list }} {{ [' a ', 'b ']|map('trim')|list }} {{ ['1', '2']|map('int')|sum }}
{{ ('a', 'b')[0] }} {{ 'a' in ('a', 'b') }} {{ name in [name] }}
{{ people[-1]['name'] }} {{ people[1:][0].name }} {{ people[::-1]|map(attribute='name')|list }} {{ people[:1]|length }}
"""

# Statements.
STATEMENTS = """
{% if yes %}a{% elif no %}b{% else %}c{% endif %}{% if no %}a{% elif yes %}b{% else %}c{% endif %}{% if no %}a{% elif no %}b{% else %}c{% endif %}{% if no %}x{% endif %}
{% if empty %}a{% endif %}{% if 0.0 %}b{% endif %}{% if '' %}c{% endif %}{% if none_d %}d{% endif %}{% if xs %}e{% endif %}{% if ' ' %}f{% endif %}{% if missing %}g{% endif %}{% if namespace() %}h{% endif %}
{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}
{% for x in xs %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }};{{ loop.previtem is defined }}{{ loop.nextitem is defined }} {% endfor %}
{% for x in empty %}x{% else %}none{% endfor %}{% for x in xs %}{{ x }}{% else %}none{% endfor %}{% for x in missing %}x{% else %}m{% endfor %}
{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }}{{ ',' if not loop.last }}{% else %}none{% endfor %}
{% for x in xs if x > 9 %}x{% else %}none{% endfor %}
{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}{% for x in xs %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in xs %}{% for y in words %}{% if loop.index > 2 %}{% break %}{% endif %}{{ x }}{{ y }}{{ loop.depth }} {% endfor %}{{ loop.index }}{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for c in name %}{{ c }}.{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for x in 1, 2, 3 %}{{ x }}{% endfor %}{% for x in [1] + [2] %}{{ x }}{% endfor %}
{% for x in xs %}{{ loop.cycle('odd', 'even') }} {{ loop.changed(x) }} {% endfor %}{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}
{% for x in (xs if yes else words) %}{{ x }}{% endfor %}{% for x in xs[1:] %}{{ x }}{% endfor %}{% for x in xs|sort %}{{ x }}{% endfor %}
{% set x = 1 %}{{ x }}{% set x = x + 1 %}{{ x }}{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}{% set (p, q) = [8, 9] %}{{ p }}{{ q }}
{% set x = 1 %}{% for i in xs %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}
{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}{% if no %}{% set y = 2 %}{% endif %}{{ y is defined }}
{% set ns = namespace(x=1, y=none) %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }} {{ ns.y is none }} {{ ns.z is defined }} {{ ns['x'] }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{% set ns.c = [1] %}{% set ns.c = ns.c + [2] %}{{ ns.c }}
{% set ns = namespace(found=false) %}{% for m in people %}{% if m.role == 'assistant' and not ns.found %}{% set ns.found = true %}{{ loop.index0 }}{% endif %}{% endfor %}{{ ns.found }}
{% set block %}a{{ name }}{% set inner = 1 %}{% endset %}[{{ block }}]{{ inner is defined }}{{ block is string }}
{% set block | upper | replace('A', '_') %}abc{% endset %}{{ block }}
{% set ns = namespace() %}{% set ns.text %}hi {{ n }}{% endset %}{{ ns.text }}
{% macro m(a, b='B', c=none) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, c=3) }}{{ m(b=2, a=1) }}{{ m() }}{{ m(*[1, 2], **{'c': 3}) }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(4) }}{{ m is callable }}{{ m is defined }}
{%- macro outer(x) -%}<{{ inner(x) }}>{%- endmacro -%}{%- macro inner(x) -%}({{ x }}){%- endmacro -%}{{ outer(3) }}
{% macro fact(k) %}{% if k < 2 %}1{% else %}{{ k * fact(k - 1)|int }}{% endif %}{% endmacro %}{{ fact(6) }}
{% set g = 1 %}{% macro m() %}{{ g }}{% set g = 5 %}{{ g }}{% endmacro %}{{ m() }}{{ g }}{% set g = 2 %}{{ m() }}
{% macro m() %}{{ later }}{% endmacro %}{{ m() }}{% set later = 'L' %}{{ m() }}
{% for x in xs %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}
{% macro box(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call box('b') %}inner {{ name }}{% endcall %}
{% macro each(l) %}{% for i in l %}{{ caller(i) }};{% endfor %}{% endmacro %}{% call(i) each(xs) %}<{{ i }}>{% endcall %}
{% with a = 1, b = n %}{{ a }}{{ b }}{% set z = 1 %}{% endwith %}{{ a is defined }}{{ z is defined }}
{% generation %}out {{ name }}{% set z = 1 %}{% endgeneration %}{{ z is defined }}
{% for m in people %}{% generation %}{{ m.name }}{{ loop.index }}{% endgeneration %}{% endfor %}
{%- generation -%}  x  {%- endgeneration -%}
{% set messages = people %}{% if messages[0].role == 'user' %}{% set messages = messages[1:] %}{% endif %}{% for m in messages %}{{ m.name }}{% endfor %}
{% set xs = xs %}{{ xs }}{% for xs in xs %}{{ xs }}{% endfor %}{{ xs }}
{% for m in people %}{% set content = m.name %}{% if loop.index0 == 0 and n %}{% set content = 'S' + content %}{% endif %}{{ content }}{% endfor %}{{ content is defined }}
{% print name %}{% print 1, 2 %}
{% set loop_messages = people %}{% set system = false %}{% for m in loop_messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}{{ system }}
{% set l = [1] %}{% for i in range(3) %}{% set l = l + [i] %}{% endfor %}{{ l }}
{% for x in xs %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}
{% set parts %}{% for x in xs %}{{ x }}{% endfor %}{% endset %}{{ parts|length }}
{% if missing is defined and missing %}a{% elif missing is not defined %}b{% endif %}
{% if not yes is defined %}a{% else %}b{% endif %}{% if not (xs and no) %}c{% endif %}
{% set x = 'a' if no %}{{ x is defined }}[{{ x }}]
{% for t in d.a.x %}{{ t }}|{% endfor %}{{ loop is defined }}
{% macro m(items) %}{{ items|length }}{% endmacro %}{{ m(xs) }}{{ m(items=d) }}
{% for i in range(2) %}{% for j in range(2) %}{{ i }}{{ j }}{{ loop.first }}{% endfor %}{{ loop.last }}{% endfor %}
{% macro a() %}{% for x in xs %}{{ b(x) }}{% endfor %}{% endmacro %}{% macro b(y) %}<{{ y }}{{ x is defined }}>{% endmacro %}{{ a() }}
"""


def constructs():
    """(name, template) of each; SPACE's are cut at lines of two hyphens, the others are one a line."""
    for index, template in enumerate(SPACE[1:-1].split("\n--\n")):
        # A backslash before a line end belongs to the template.
        yield f"space {index + 1}", template
    groups = dict(
        expression=EXPRESSIONS, error=ERRORS, filter=FILTERS, method=METHODS, statement=STATEMENTS)
    for group, templates in groups.items():
        for index, template in enumerate(templates[1:-1].split("\n")):
            yield f"{group} {index + 1}", template
            # Errors within a branch that is not taken are none.
            if group == "error":
                yield f"{group} {index + 1}, not reached", "{% if no %}" + template + "{% endif %}ok"
    for sign in ["", "-", "+"]:
        for end in ["", "-", "+"]:
            yield f"signs {sign} {end}", f" a \n  {{%{sign} if yes {end}%}} \n b \n {{%{sign} endif {end}%}}\n c"
            yield f"comment {sign} {end}", f" a \n  {{#{sign} x {end}#}} \n b"
    for line_end in ["\r\n", "\r", "\n"]:
        yield f"line end {line_end!r}", line_end.join(["a", "{% if yes %}", "b", "{% endif %}", "c", ""])
