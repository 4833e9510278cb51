"""
What is secret goes, what is not stays readable, and no text is slow or dangerous.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errortax.http import Headers
from errortax.parsing.budgets import MAX_PLACES, MAX_SECRETS, MAX_TEXT, REDACTED, WITHHELD
from errortax.parsing.complaints import Complaints
from errortax.parsing.redaction import Redactor
from errortax.registry import loading
from secrets_corpus import CODES, FIELDS, IDENTIFIERS, VENDOR_MEMBERS, VENDOR_SHAPES, corpus
from timing import least_times

SECRETS = loading.bundled("secrets.json")
REDACTOR = Redactor(VENDOR_MEMBERS, VENDOR_SHAPES)
PIECES = st.sampled_from(
    [
        "password", "token ", "session", "Cookie: ", "Authorization: ", "Bearer ", "Basic ", "otp", "code ", "=", ": ", "'",
        '"', "\\", '\\"', "[", "]", "{", "}", "<", ">", "</", "&", ",", ";", " ", "\n", "is ", "hunter2", "123456", "abc",
        "ks_x1abcd", "eyJhbGciOiJIUzI1NiJ9.", "%3D", "%22", "-----BEGIN KEY-----", "-----END KEY-----", "://", "@", "/", "…",
        REDACTED, "[redac", "a1" * 9, "aB3" * 12, "-", "\ufdd0", "\r", "パスワード", "「", "」", "\uff1a", "\u200b", "Passwort ",
        "sk_live_", '  File "', "    ", "('", "',", "')", "A=b", "?code=", "\x1b[31m", "\ufffd", "&amp;", "\\u0041", "Invalid ",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=24).map("".join))


@pytest.mark.parametrize(("text", "expected"), [
    ("password=hunter", "password=[redacted]"),
    ("a=1&password=hunter&b=2", "a=1&password=[redacted]&b=2"),
    ("(password=hunter)", "(password=[redacted])"),
    ("password = hunter22", "password = [redacted]"),
    ("password => hunter", "password => [redacted]"),
    ("a%26password%3Dhunter%26page%3D1", "a%26password%3D[redacted]%26page%3D1"),
    ("password=3Dhunter", "password=[redacted]"),
    ("user[password]=hunter2", "user[password]=[redacted]"),
    ("password=Tr0ub4dor&3 x", "password=[redacted] x"),
    ("a=1&password=Tr0&3&b=2", "a=1&password=[redacted]&b=2"),
    ("password=ab1,cd2;ef3 x", "password=[redacted] x"),
    ("otp: 1234", "otp: [redacted]"),
    ("verification code: 482913", "verification code: [redacted]"),
    ("password: hunter22!", "password: [redacted]!"),
    ("password 'hunter2' is wrong", "password '[redacted]' is wrong"),
    ("token `abc123` is wrong", "token `[redacted]` is wrong"),
    ('{"otp":123456,"page":1}', '{"otp":[redacted],"page":1}'),
    ('{"cvv": 123}', '{"cvv": [redacted]}'),
    ('{"password":"a \\"b\\" c","page":1}', '{"password":"[redacted]","page":1}'),
    ('{"password":"a\\\\","page":1}', '{"password":"[redacted]","page":1}'),
    ('{\\"pin\\":\\"a b\\",\\"page\\":1}', '{\\"pin\\":\\"[redacted]\\",\\"page\\":1}'),
    ('{\\"pin\\":\\"a \\\\\\"b\\",\\"page\\":1}', '{\\"pin\\":\\"[redacted]\\",\\"page\\":1}'),
    ('token: ["abcd", "e"], page', 'token: ["[redacted]"], page'),
    ('{"password":"cut o', '{"password":"[redacted]'),
    ("token=b'abc'", "token=b'[redacted]'"),
    ("[('X-Api-Key', 'hunter2xy')]", "[('X-Api-Key', '[redacted]')]"),
    ("[b'X-Api-Key', b'hunter2xy']", "[b'X-Api-Key', b'[redacted]']"),
    ("<userPin>12</userPin>", "<userPin>[redacted]</userPin>"),
    ('<password type="x"><![CDATA[a b]]></password>', '<password type="x"><![CDATA[[redacted]]]></password>'),
    ("Authorization: Bearer abc.def", "Authorization: [redacted]"),
    ("Authorization: Bearer abcdef", "Authorization: [redacted]"),
    ("Authorization: abc123def x", "Authorization: [redacted]"),
    ("authorization=Bearer abc", "authorization=[redacted]"),
    ("authorization=abc", "authorization=[redacted]"),
    ('Authorization: Digest username="jo", response="b1"\nHost: x', "Authorization: [redacted]\nHost: x"),
    ("Set-Cookie: a=b; c=d\nHost: x", "Set-Cookie: [redacted]\nHost: x"),
    ("cookie=abc", "cookie=[redacted]"),
    ("sid=31d4d96e", "sid=[redacted]"),
    ("at https://x.test/cb?code=a1b2c3d4e5f6g7", "at https://x.test/cb?code=[redacted]"),
    ("at https://jo:pw@x.test/y", "at https://[redacted]@x.test/y"),
    ("at https://jo:p/w@x.test/y", "at https://[redacted]@x.test/y"),
    ("Bearer 0123456789abcdef is bad", "Bearer [redacted] is bad"),
    ("Bearer '0123456789abcdef' is bad", "Bearer '[redacted]' is bad"),
    ("Basic dXNlcjpwYXNzd29yZA== is bad", "Basic [redacted] is bad"),
    ("Bearer ks_abcdef,rl_defghi is bad", "Bearer [redacted],[redacted] is bad"),
    ("key ks_foobar, other", "key [redacted], other"),
    ("ghp_MadeUpExample0MadeUp", "[redacted]"),
    ("at https://x.test/ghp_MadeUpExample0MadeUp/a", "at https://x.test/[redacted]/a"),
    ("x%3Dghp_MadeUpExample0MadeUp", "x%3D[redacted]"), ("like '%ghp_MadeUpExample0MadeUp%'", "like '%[redacted]%'"),
    ("x%3DAb3" + "xY9kQ2" * 6, "x%3D[redacted]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc", "[redacted]"),
    ("a -----BEGIN KEY-----\nabc\n-----END KEY----- b", "a [redacted] b"),
    ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" + "aB3d" * 16 + "\nab", "[redacted]"),
    ("'-----BEGIN PRIVATE KEY-----\n" + "aB3d" * 16 + "' is wrong", "'[redacted]' is wrong"),
    ('"backup_codes": ["1111-2222", "3333-4444"], a', '"backup_codes": ["[redacted]"], a'),
    ("credentials='jo:hunter2'", "credentials='[redacted]'"),
    ("password[0]=hunter&password[]=hunter", "password[0]=[redacted]&password[]=[redacted]"),
    ("password='hun''ter' is", "password='[redacted]' is"), ('password="""hunter"""', 'password="""[redacted]"""'),
    ("password=hunter(x)9", "password=[redacted]"), ("password=$ecr3t&x=1", "password=[redacted]&x=1"),
    ("password=(hunter2", "password=[redacted]"), ("password=mypassword", "password=[redacted]"),
    ("password=hun%26ter&page=1", "password=[redacted]&page=1"), ("password=hun'ter", "password=[redacted]"),
    ("<password>\n  hunter\n</password>", "<password>[redacted]</password>"),
    ('[\n  "X-Api-Key",\n  "hunter2"\n]', '[\n  "X-Api-Key",\n  "[redacted]"\n]'),
    ("('otp', 834412)", "('otp', [redacted])"),
    ("at db://jo:pa#ss?w'rd@x.test", "at db://[redacted]@x.test"),
    ("Bearer\n0123456789abcdef is bad", "Bearer\n[redacted] is bad"),
    ("\u0130: Bearer 0123456789abcdef", "\u0130: Bearer [redacted]"),
    ("Invalid Ab3" + "xY9kQ2" * 6, "Invalid [redacted]"),
    ("AKIAA1A1A1A1A1A1A1A1ks_abcdef", "[redacted]"),
    ("\x1b[1mpassword\x1b[0m=\x1b[36mhunter\x1b[0m!", "\ufffd[1mpassword\ufffd[0m=\ufffd[36m[redacted]\ufffd[0m!"),
    (r"""[('X-Api-Key', 'hunt\'"er2')]""", "[('X-Api-Key', '[redacted]')]"),
    (r"""{"sent": "{\"otp\": \"a'-b\"}", "page": 1}""", r'{"sent": "{\"otp\": \"[redacted]\"}", "page": 1}'),
    ("password=hun'%3Cter&page=1", "password=[redacted]&page=1"),
    (r'{"sent": "{\"otp\": \"a\\\"b\"}", "page": 1}', r'{"sent": "{\"otp\": \"[redacted]\"}", "page": 1}'),
    ("auth/reset/Ab3" + "xY9kQ2" * 6, "auth/reset/[redacted]"), ("/reset/Ab3" + "xY9kQ2" * 6, "/reset/[redacted]"),
    ("awqh/Ab3" + "xY9kQ2" * 6, "[redacted]"), ("/Ab3" + "xY9/kQ2+" * 6, "[redacted]"),  # base64 may have a word by chance
    ("rk_test_jfnfznwkzgv", "[redacted]"), ("xoxp-ayuj-pmyjes", "[redacted]"),  # small letters by chance
    ("Ab3" + "xY9kQ2" * 4 + "_sk-" + "xY9kQ2" * 4, "[redacted]"),  # the prefix of a known shape, by chance
    ("Ab3/" + "xY9/kQ2+" * 8 + "==", "[redacted]"),
    ("password\uff1ahunter22", "password\uff1a[redacted]"),
    ("password\uff1dhunter", "password\uff1d[redacted]"),
    ("パスワード「hunter2」", "パスワード「hunter2」"),
    ("password='''hunter'''", "password='''[redacted]'''"), ("password=hun\\der9 x", "password=[redacted] x"),
    ("password=hunter&amp;page=1", "password=[redacted]&amp;page=1"), ("password=hunter& x", "password=[redacted]& x"),
    ("password=hunter&", "password=[redacted]&"), ("password=hunter,user=jo", "password=[redacted],user=jo"),
    ("password=hunter\\nHost: x", "password=[redacted]\\nHost: x"), ("at https://jo:p@ss@x.test/y", "at https://[redacted]@x.test/y"),
    ("INVALID Ab3" + "xY9kQ2" * 6, "INVALID [redacted]"), ("id: Ab3" + "xY9kQ2" * 6 + "/ks_abcdef", "id: [redacted]"),
    ("/abc/Ab3" + "xY9/kQ2+" * 6, "[redacted]"), ("password=/home/user/aB3" + "xY9kQ2" * 6, "password=[redacted]"),
    ("{'pin': ab1}", "{'pin': [redacted]}"), ("Authorization: Bearer ab1 for x", "Authorization: [redacted]"),
    ("key eyJhbGciOiJIUzI1NiJ9.e30.abc. Next", "key [redacted]. Next"), ("password=correct.horse", "password=[redacted]"),
    ("at https://x.test/?token=ab(c)&a=1", "at https://x.test/?token=[redacted])&a=1"),
    ("-----END KEY----- -----BEGIN KEY-----\nabc", "-----END KEY----- [redacted]"),
    ("/reset-now/for-user/Ab3" + "xY9kQ2" * 6, "/reset-now/for-user/[redacted]"),
    ("contraseña=abc", "contraseña=[redacted]"),
    ("Key (api_key)=(hunter2) already exists.", "Key (api_key)=([redacted]) already exists."),
    ('[ "password" ] = hunter22', '[ "password" ] = [redacted]'), ('password := "hunter2"', 'password := "[redacted]"'),
    ("if token === 'hunter2'", "if token === '[redacted]'"), ('"token": "=hunter2"', '"token": "[redacted]"'),
    ("'Authorization: Bearer hunter22'). See /docs", "'Authorization: [redacted]'). See /docs"),
    (r'"Authorization: Digest a=\"b\", c=\"hunter22\"" https://x.test', '"Authorization: [redacted]'),
    ("Authorization: Bearer hunter22 now", "Authorization: [redacted]"),
    ("user=jo|password=hunter|host=db1", "user=jo|password=[redacted]|host=db1"), ("pwd=hun|ter| x", "pwd=[redacted]| x"),
    ("パスワード\uff1ahunter22", "パスワード\uff1a[redacted]"), ("password=$1abc", "password=[redacted]"),
    ("pa\u200bss\ufeffwo\u00adrd=hunter", "pa\u200bss\ufeffwo\u00adrd=[redacted]"),
])  # fmt: skip
def test_secret_is_replaced(text, expected):
    """
    A secret is replaced, and nothing but the secret.
    """
    assert expected == REDACTOR.text(text)


@pytest.mark.parametrize("text", [
    "", "password is invalid", "PIN is missing", "password: ", "password=", "password = ", 'password=""', "tab\tand\nline",
    "token%3D%26page", "Authorization: Bearer token missing",
    "Authorization: Bearer <token>", "Authorization: header missing", "Cookie: none",
    "login(password=user.password, token=get_token(), session=None)", "token=%s", "password={password}", "pwd=/home/jo",
    "if token == expected:", "password=****", "<password>", "<user> <password> [options]", "a <b>token</b> here",
    "token: token-expired", "at ssh://git@example.test/x", "at http://[::1]:80/@x", "at https://example.test:443/@scope/x",
    "at https://x.test/?code=404", "?key=invalid_request", '{"password": ["is too short"]}', 'Unexpected token: "}"',
    "abcdefab-abcd-abcd-abcd-abcdefabcdef", "sha256:" + "9f" * 32, "id: Ab3" + "xY9kQ2" * 6, "#Ab3" + "xY9kQ2" * 6,
    "/usr/lib/python3/site-packages/some_very_long_module_name/test_something_else_as_well.py", "“Größe” fehlt",
    '  File "/x/y.py", line 3, in f\n    login(user, token=abc1,\n          password=secret1)\nValueError: no',
    "'-----BEGIN PRIVATE KEY-----' is missing. Order 17", "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
    "6f9619fF-8B8a-d01F-b42D-00c04fC964fF", "Signature<Sha256WithRsaKey>",
    "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045", "/Accounts/AC" + "9f" * 16 + "/Messages/SM" + "9f" * 16,
    "x-amz-id-2: Ab3" + "xY9kQ2" * 6, "<HostId>Ab3" + "xY9kQ2" * 6, "sha512-Ab3" + "xY9kQ2" * 6, "requestId=Ab3" + "xY9kQ2" * 6,
    "pwd=/srv/app-1.2", "token=get_token()", "token=config[key], a", "password=Key{x}", "token=$token", "token=%(token)s",
    "password=(see below)", "if (token===expected)", "password =hunter", "password= hunter",
    "Authorization: Bearer tokens", "Authorization: Bearer token", "Missing `Cookie:` header", "pin: 'a1'", "('page', 'ab1c')",
    "<password> required </password>", "token: ['a b', 'c']",
    "at https://x.test/?code=E1234", "Authorization: Bearer missing", "Authorization: Bearer get_token()",
    "at https://x.test/?code=123456789012", "Authorization: failed again", "Cookie: sid=[redacted]; theme=dark",
    "unknown &code: a1b2c3d4e5f6g7", "token: 2026-01-01T10:00", "token: https://x.test/1",
    "Set-Cookie: Path=/ is missing", "Set-Cookie: Domain=x.test", "Set-Cookie: Max-Age=0", "Set-Cookie: Expires=Mon, 1 Jan",
    "run(config, session=session, id=1)", "a.py,sha256=e-Ab3" + "xY9kQ2" * 6 + ",12",
    "token=$TOKEN password=${PASSWORD}", "token=get_token(user, now()), a", "('max_tokens', 4096)",
    '"max_tokens": "4096", "cookies": "all"', "tokens=4096", "\u0646\u0645\u06cc\u200c\u062a\u0648\u0627\u0646\u062f",
    'unexpected token "=>", expecting "]"', "Unexpected token '=', \"=a1b2\" is not JSON", "Unexpected token `=', got `}9'",
    "Key (session_id)=(42) is not present", "token != 'expected'", "if token == expected1:",
    "{'token': [ErrorDetail(string='This field is required.', code='required')]}", "password=:password, x=$1, token=$2 WHERE",
    "password=%PASSWORD%", "password=@password", "token=#{token}", "password=$_POST['password'];",
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See /docs", "Version=4.0.0.0, PublicKeyToken=b03f5f7f11d50a3a",
    "x.test/auth-token:1.2.3-rc1 not found", "パスワード\uff1a8文字以上で入力してください",
    "BearerTokenAuthenticationFilter", "Basic AuthenticationRequired", "sk-learn-is-not-a-key-of-anybody",
])  # fmt: skip
def test_prose_stays(text):
    """
    A text without a secret is returned as it is.
    """
    assert text is REDACTOR.text(text)


def test_literals_in_source():
    """
    In the source lines of a traceback literals are looked at: there, a bare word is a name, a quoted one is a value.
    """
    source = '  File "/x.py", line 3, in f\n    login(token={}, url="?token={}")'
    assert source.format("'[redacted]'", "[redacted]") == REDACTOR.text(source.format("'abc'", "abc1"))


@pytest.mark.parametrize("closing", ['"', ""])
def test_long_values(closing):
    """
    A value that is longer than the part that is looked at first goes as a whole, with its closing quote or cut off.
    """
    text = f'password="{"ab c " * 150}{closing}'
    assert f'password="{REDACTED}{closing}' == REDACTOR.text(text)
    assert f"password={REDACTED} x" == REDACTOR.text(f"password={'abc' * 300} x")


def test_long_sources():
    """
    A call that a traceback shows in many lines is followed back for sixteen of them.
    """
    call = '  File "/x.py", line 3, in f\n    login(\n' + "        None,\n" * 20 + "        token=abc1)"
    assert call.replace("abc1", REDACTED) == REDACTOR.text(call)


def test_corpus():
    """
    The secrets in the corpus that are covered go, and what covers them is counted in the guide.
    """
    assert [] == [case for case, covered in corpus() if (case[1].strip("=") in REDACTOR.text(case[2])) == (covered != ".")]
    assert {"c": 374, "d": 296, "e": 32, ".": 176} == Counter(covered for _, covered in corpus())


@pytest.mark.parametrize("code", CODES)
def test_codes_survive(code):
    """
    A code that looks like one is shown, and stays in a text that it has to stay in, next to any secret.
    """
    assert code == REDACTOR.code(code)
    for (_, secret, carrier), covered in corpus()[::25]:
        redacted = REDACTOR.text(f"{code} {carrier}\n{code}", keep=[code])
        assert redacted.startswith(code)
        assert covered == "." or secret not in redacted


@pytest.mark.parametrize(
    "identifier", [*IDENTIFIERS, "Ab3" + "xY9kQ2" * 6, "a1/" * 20, "Root=1-67891233-abcdef012345678912345678", "a.b:c@d"]
)
def test_identifiers_survive(identifier):
    """
    A request id survives, on its own and in a text that it has to stay in, unless it is the value of a secret name.
    """
    assert identifier == REDACTOR.identifier(identifier)
    keep = ["", "absent", None, identifier]
    assert f"id={identifier} x" == REDACTOR.text(f"id={identifier} x", keep=keep)
    assert f"see {identifier}." == REDACTOR.text(f"see {identifier}.", keep=keep)
    assert identifier not in REDACTOR.text(f"password={identifier} x", keep=keep)


@pytest.mark.parametrize("end", ["", "=", "==", "_", "-"])
def test_last_signs_of_identifiers(end):
    """
    A request id that was drawn at random survives with the signs at its end.
    """
    identifier = f"Ab3{'xY9kQ2' * 6}{end}"
    assert f"see {identifier} there" == REDACTOR.text(f"see {identifier} there", keep=[identifier])


@pytest.mark.parametrize(("text", "values", "expected"), [
    ('{"password": "hunter2"}', (), '{"password": "[redacted]"}'),
    ("see hunter2", ("hunter2",), "see [redacted]"),
    ("token=token-expired", (), "token=token-expired"),
])  # fmt: skip
def test_kept_tokens_are_no_way_round(text, values, expected):
    """
    A secret does not survive because it was sent as a request id as well; a code that is made of words does.
    """
    assert expected == REDACTOR.text(text, keep=["hunter2", "token-expired"], values=values)


@pytest.mark.parametrize("name", FIELDS)
def test_field_names_survive(name):
    """
    The name of a field survives, secret values under it or not.
    """
    assert name == REDACTOR.name(name) == REDACTOR.name(name)
    assert f"field {name} is missing" == REDACTOR.text(f"field {name} is missing")
    assert REDACTOR.text(f"{name}=hunter2").startswith(name)


def test_a_secret_in_the_name_of_a_field():
    """
    A member may have a credential for its name; it does not survive, in a short name or in a long one.
    """
    assert "user.[redacted]" == REDACTOR.name("user.ghp_MadeUpExample0MadeUp".replace(".", "/")).replace("/", ".")
    assert REDACTED in REDACTOR.name("a/" * 40 + "ghp_MadeUpExample0MadeUp")


@pytest.mark.parametrize("code", [
    "", "a b", "x" * 129, "naïve", "ks_abcdef", "sk_live_MadeUp0123", "eyJhbGciOiJIUzI1NiJ9.e30.abc", "482913",
    "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0", "abcdefab-abcd-abcd-abcd-abcdefabcdef", "a1b2c3d4e5f6a7b8", "password:hunter2",
    "x-9a8b7c6d-1a2b3c4d5e", "AKIAIOSFODNN7EXAMPLE", "AbCdEfGhIjKlMnOpQrStUvWx", "ghp_abcdefghijklmnopqrstuvwxyzABCDEF",
])  # fmt: skip
def test_doubtful_code_is_dropped(code):
    """
    What is too long, not made like a code, or made like a secret is not shown as a code.
    """
    assert None is REDACTOR.code(code)


@pytest.mark.parametrize("code", [
    "password:required", "password:too_short", "password:weak", "token:blacklisted", "auth.token.v2", "token.404", "TOKEN-001",
    "password.invalid", "otp.2fa", "InvalidAuthenticationTokenTenant", "12345", "ERR_2026_11_21", "0x80070005",
    "err001.tax002.vat003", "ERR-20261121-20261122", "bad.feed.face.decade.facade",
])  # fmt: skip
def test_plain_code_is_shown(code):
    """
    A code that says what is wrong with a secret is shown although the secret's name stands in it.
    """
    assert code == REDACTOR.code(code)


@pytest.mark.parametrize("value", [
    "", "a b", 'a"b', "it's", "x" * 201, "ks_abcdef", "eyJhbGciOiJIUzI1NiJ9.e30.abc", "ü", "http://u:pw@h/", "password=x",
    "ghp_MadeUpExample0MadeUp", "a/ghp_MadeUpExample0MadeUp", "token=abc", "api_key:abc123",
])  # fmt: skip
def test_doubtful_identifier_is_dropped(value):
    """
    What has blanks or quotes, is too long, or has a secret in it is not a request id.
    """
    assert None is REDACTOR.identifier(value)


@pytest.mark.parametrize(("name", "expected"), [
    ("password", True), ("user.newPassword", True), ("/user/password", True), ("data[token]", True), ("tokens/0", True),
    ("x-api-key", True), ("XApiKey", True), ("APIKEY", True), ("api key", True), ("userPin", True), ("Ticket", True),
    ("OTP", True), ("password2", True), ("JSESSIONID", True), ("sid", True), ("userpassword", True), ("passwords[2]", True),
    ("DB_PASS", True), ("storepass", True), ("X-Auth-Key", True), ("2fa_code", True), ("compass", False),
    ("", False), ("0", False), ("/", False), ("AccountSid", False), ("tokens_used", False),
    ("shipping", False), ("token.type", False), ("email", False), ("critical_auth_method", False), ("password_policy", False),
    ("x" * 100, False), ("x" * 100 + "_password", True),
])  # fmt: skip
def test_secret_names(name, expected):
    """
    A name is secret by its last segment, however its words are joined.
    """
    assert expected is REDACTOR.is_secret_name(name) is REDACTOR.is_secret_name(name)


def test_plain_redactor_knows_no_vendor():
    """
    A vendor's own members and shapes are secret at that vendor alone.
    """
    plain = Redactor(["", "größe", "ö"])
    assert "ticket=abcd" == plain.text("ticket=abcd")
    assert "größe=[redacted], ö=[redacted]" == plain.text("größe=abcd, ö=abcd")
    assert "ks_abcdef" == plain.code("ks_abcdef")


def test_many_names_are_not_all_remembered():
    """
    Names are remembered up to a limit, and all have the right answer.
    """
    redactor = Redactor()
    assert [False] * 1500 == [redactor.is_secret_name(f"name{number}x") for number in range(1500)]
    assert redactor.is_secret_name("new_password")
    assert ["a/[redacted]"] * 2 == [redactor.name("a/ghp_MadeUpExample0MadeUp") for _ in range(2)]
    assert "x999" == [redactor.name(f"x{number}") for number in range(1001)][999]


@pytest.mark.parametrize(("document", "expected"), [
    ({"password": "hunter", "pin": 123456, "otp": 1234.5, "email": "jo@example.test"}, {"hunter", "123456", "1234.5"}),
    ({"token": None, "secret": True, "pin": 12, "otp": 10**70, "sid": "x" * 513, "cvv": "123"}, set()),
    ({"session": {"id": "inner-one", "seen": [True, "in a list", ["deep"]]}}, {"inner-one", "in a list", "deep"}),
    ({"items": [{"apiKey": "key1"}, [[{"apiKey": "key2"}]]]}, {"key1", "key2"}),
    ({"password": "required", "token": "invalid", "pin": "  "}, set()),
    ({"password": "correct horse battery staple"}, {"correct horse battery staple"}),
    ({"tokens": 9214, "max_tokens": 4096}, set()),
    ([{"name": "password", "value": "foobarbaz", "id": "seventeen"}], {"foobarbaz"}),
    ([{"loc": ["body", "pin"], "input": "zzzzz", "msg": "wrong"}], {"zzzzz"}),
    ([{"loc": ["body", "pins", 0], "input": "zzzzz", "msg": "wrong"}], {"zzzzz"}),
    ([{"name": "email", "value": "foobarbaz"}, {"loc": [], "input": "zzzzz"}, {"name": 7, "value": "abcde"}], set()),
    ([{"propertyName": "Password", "attemptedValue": "foobarbaz", "severity": 0}], {"foobarbaz"}),  # FluentValidation
    ([{"propertyPath": "[password]", "message": "no", "invalidValue": "foobarbaz"}], {"foobarbaz"}),  # Symfony
    ([{"field_name": "pin", "rejected-value": "foobarbaz"}, {"ARGUMENT": "pin", "provided": "plughs"}], {"foobarbaz", "plughs"}),
    ([{"name": "max_tokens", "value": 4096}, {"name": "pin", "value": 4096.5}], {"4096.5"}),
    ({"headers": [["X-Api-Key", "foobarbaz"], ("Accept", "text/html")]}, {"foobarbaz"}),
    ({"headers": [["X-Api-Key", "foobarbaz"], ["Accept"]], "rows": [["pin", "foobarbaz"], [7, 8]], "none": [[], [[]]]}, set()),
    ({"missing": ["password", "foobarbaz"]}, set()),
    ({"authorization": "Bearer foobarbaz"}, {"Bearer foobarbaz", "foobarbaz"}),
    ({"headers": {"Cookie": ["theme=dark; sid=foobarbaz"]}}, {"theme=dark; sid=foobarbaz", "foobarbaz"}),
    ({"session": {"cookie": "sid=foobarbaz"}}, {"sid=foobarbaz", "foobarbaz"}),
    ([{"Name": "Authorization", "Value": "Basic Zm9vOmJhcmJheg=="}], {"Basic Zm9vOmJhcmJheg==", "Zm9vOmJhcmJheg==", "barbaz"}),
    ({"password": "correct horse battery"}, {"correct horse battery"}),
    ({"tokens": {"used": 9214}, "session": {"pin": 9214}}, set()),
    ("text", set()), (7, set()), ([], set()),
])  # fmt: skip
def test_secret_values(document, expected):
    """
    Scalars under secret names are found at any depth, and a value beside its name; words, short texts and counts are not.
    """
    assert expected == REDACTOR.secret_values(document)


@pytest.mark.parametrize(("complaints", "expected"), [
    ({"password": ["is too short", "abcdef"]}, set()),
    ([{"password": "too short"}], set()),
    ([{"loc": ["body", "pin"], "input": "zzzzz", "msg": "wrong"}, "text"], {"zzzzz"}),
    ({"email": {"field": "otp", "value": "834412"}}, {"834412"}),
    ("text", set()),
])  # fmt: skip
def test_secret_values_among_complaints(complaints, expected):
    """
    Where the complaints are, a text under a secret name says what is wrong; only a value next to a name is one.
    """
    document = {"session": "outside", "errors": complaints}
    found = Complaints({"at": ["/errors"], "field": ["/loc"], "message": ["/msg"]}).find(document, Headers())
    assert expected | {"outside"} == REDACTOR.secret_values(document, found.parts, found.objects)
    assert expected == REDACTOR.secret_values(complaints, found.parts, found.objects)
    assert set() == REDACTOR.secret_values({"password": document["errors"]}, found.parts)


def test_secret_values_among_many_names():
    """
    A secret name is known however many other names come before it and with it.
    """
    document = {f"member{number}": "a value" for number in range(1500)}
    for _ in range(2):
        assert set() == REDACTOR.secret_values(document)
        assert {"hunter22"} == REDACTOR.secret_values({"password": "hunter22"} | document)
        assert {"hunter22"} == REDACTOR.secret_values({"member1": {"password": "hunter22"}})


def test_secret_values_are_bounded():
    """
    A huge or endless document is looked at up to a limit.
    """
    endless: list[object] = []
    endless.append(endless)
    assert set() == REDACTOR.secret_values(endless)
    assert MAX_SECRETS + 1 == len(REDACTOR.secret_values({"token": [f"value{i}" for i in range(1000)]}))
    assert MAX_SECRETS + 1 == len(REDACTOR.secret_values([{"token": f"value{i}"} for i in range(1000)]))
    assert 0 == len(REDACTOR.secret_values({"token": [[[]] * 11_000, "value"]}))
    assert not REDACTOR.secret_values(endless).is_complete


@pytest.mark.parametrize("many", [
    {f"member{number}": 1 for number in range(3100)},
    [{"a": 1}] * 3100,
    [["a", "b"]] * 3100,
    {"token": [[]] * 3100},
    [{"name": "token", "value": [[]] * 3100}],
])  # fmt: skip
def test_secret_values_beyond_the_limit(many):
    """
    If a document has more values than are looked at, this is said; the values in a list of scalars do not count.
    """
    for document in ([many, {"password": "hunter22"}], [many]):
        assert not REDACTOR.secret_values(document).is_complete
    found = REDACTOR.secret_values({"rows": [[7] * 100_000, "text"], "deep": {"password": "hunter22"}})
    assert {"hunter22"} == found
    assert found.is_complete


@given(st.data())
def test_names_and_values_in_any_letter_case(data):
    """
    The members that name a field and have its value may be written in any letter case, as the name may.
    """

    def spelled(word):
        return "".join(data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in word)

    naming, having = (data.draw(st.sampled_from(SECRETS[members])) for members in ("naming_members", "value_members"))
    pair = {spelled(naming): data.draw(st.sampled_from(["password", "Password", "API_KEY"])), spelled(having): "foobarbaz"}
    assert {"foobarbaz"} == REDACTOR.secret_values({"inputs": [pair]})
    assert {"foobarbaz"} == REDACTOR.secret_values(None, (), [pair])


@pytest.mark.parametrize(("value", "text", "expected"), [
    ("Tr0ub&dor", "no Tr0ub&dor here", "no [redacted] here"),
    ("Tr0ub&dor", "q?x=Tr0ub%26dor", "q?x=[redacted]"),
    ("a+b\"c", 'not "a+b\\"c"', 'not "[redacted]"'),
    ("größe", "not gr\\u00f6\\u00dfe", "not [redacted]"),
    ("monkey", "a monkey in monkeys", "a [redacted] in monkeys"),
    ("monkeybusiness", "xmonkeybusinessx", "x[redacted]x"),
    ("Tr0ub&dor", "no TR0UB&DOR here", "no [redacted] here"),
    ("monkey", "a MONKEY in Monkeys", "a [redacted] in Monkeys"),
    ("monkey", "İ monkey", "İ [redacted]"),
    ("hunter2", "hunter2", "[redacted]"),
])  # fmt: skip
def test_known_values(value, text, expected):
    """
    A known secret value is replaced as it stands and as JSON and URLs write it; a short word only as a word.
    """
    assert expected == REDACTOR.text(text, values=[value])


@pytest.mark.parametrize(("text", "values"), [
    ("value1 value2", [f"value{i}" for i in range(MAX_SECRETS + 1)]),
    ("a " * MAX_PLACES, ["a"]),
    ("pin=12345 " * 200, ["aaaa"]),
])  # fmt: skip
def test_too_many_secrets(text, values):
    """
    If there are more secrets than are looked for, the text is withheld.
    """
    longer = [text] * 20
    assert REDACTOR.texts(longer, (), values) is None
    assert len(values) == 1 or WITHHELD == REDACTOR.text(text, values=values)
    assert WITHHELD == REDACTOR.text(text + "x" * 3000, values=[f"value{i}" for i in range(MAX_SECRETS + 1)])


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\u2028"])
def test_control_characters(bad):
    """
    What could move a cursor, turn the writing round or break an encoder is replaced.
    """
    assert "a\ufffdb\tc\nd" == REDACTOR.text(f"a{bad}b\tc\r\nd")


def test_text_is_cut_after_redaction():
    """
    A long text is redacted before it is cut, so that no half of a secret or of a mark stands at the end.
    """
    for length in range(MAX_TEXT - 40, MAX_TEXT + 5):
        redacted = REDACTOR.text("a" * length + " password=hunter2 and so on " + "b" * 50)
        assert len(redacted) <= MAX_TEXT
        assert redacted.endswith("…")
        assert "hunter" not in redacted
        assert "[" not in redacted.replace(REDACTED, "")


def test_nothing_shows_at_the_reading_limit():
    """
    A secret that the reading limit cuts through does not show, even where the rest shrinks to nothing.
    """
    secret = f"hunter-{'secret' * 20}"
    for length in range(2380, 2520):
        text = f"{'pin=' + '1' * (length - 5)} {secret} {'x' * 400}"
        assert "hunter" not in REDACTOR.text(text, values=[secret])


@given(TEXTS, st.lists(TEXTS.filter(lambda value: len(value) > 3), max_size=2))
def test_any_text_is_redacted_once(text, values):
    """
    Redaction never raises, and redacting again changes nothing.
    """
    redacted = REDACTOR.text(text, values=values)
    assert redacted == REDACTOR.text(redacted, values=values)
    redacted.encode()


@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(["-----BEGIN KEY-----", "-----END KEY-----"])
def test_texts_are_redacted_as_each_alone(texts):
    """
    The texts of one response come out as each would alone.
    """
    assert [REDACTOR.text(text) for text in texts] == list(REDACTOR.texts(texts))


@given(TEXTS, TEXTS, st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,30}[A-Za-z0-9_]", fullmatch=True))
def test_kept_tokens_survive(before, after, token):
    """
    A token that has to stay survives between any two texts, unless those make it a part of a secret.
    """
    shown = REDACTOR.text(f"{before}\nand {token}\n{after}", keep=[token])
    assert token in shown or '"' in before or "'" in before or "-----BEGIN" in before or REDACTOR.identifier(token) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PIECES, inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_document_has_secret_values(document):
    """
    Looking for secret values never raises, and they are short texts.
    """
    assert all(4 <= len(value) <= 512 for value in REDACTOR.secret_values(document))


@given(TEXTS)
def test_names_codes_and_identifiers_of_any_text(text):
    """
    Any text can be asked about as a name, a code or an identifier, and comes back unchanged or not at all.
    """
    assert REDACTOR.is_secret_name(text) in (True, False)
    assert REDACTOR.code(text) in (text, None)
    assert REDACTOR.identifier(text) in (text, None)


@pytest.mark.parametrize("unit", [
    "a-", '"', "'", "\\", '\\"', "password ", "password: ", "password='", 'password="\\"', "Bearer ", "1", "a1-", "eyJ.", "://",
    "://@", "://a:", "://a:b@", "-----BEGIN ", "token 'a ", " 'a", "session=", "cookie:", "authorization: ", "password=)",
    "password=,", "password=a&", "password=a,", "<token", "<token>a", "</", "token=[", "token={", " ", "sk_", "token%3D%26",
    "aaaaaaaaaa1 ", "A1", "[redacted]", "\x00", "パスワード", "パスワード「", "token\u200b", "ghp_", "a/", "('token','a", "x: y=",
    "    x=token=1\n", "=", "%3D", "a" * 16 + " ", "Ab3" * 11 + " ", "ks_abcdefg ", "@",
])  # fmt: skip
def test_time_is_linear(unit):
    """
    Eight times the text takes about eight times the time, and 16,000 characters of it no longer than a moment.
    """

    def redact(length):
        text = (unit * length)[:length]
        REDACTOR.whole([text], (), ["secret value"])

    def is_linear(small, large):
        return large < 20 * small + 0.002 and large < 0.1

    times = least_times(*(partial(redact, length) for length in (2000, 16_000)), until=is_linear)
    assert is_linear(*times)


def test_a_place_counts_once():
    """
    A secret that is found in a text as it is written, and in what it means, is in one place.
    """
    text = "pin=1234 " * 120 + "a%20b"
    assert all("1234" not in one for one in REDACTOR.whole([text] * 5))


def test_value_that_is_a_part_of_a_mark():
    """
    A known value is not looked for in the marks that redaction leaves.
    """
    assert "[redacted] [redacted] [redacted]" == REDACTOR.text("[redacted] [RED [red", values=["[RED"])


def test_meaning_of_a_value():
    """
    A known value that happens to look like an escape is looked for as what it means, too, if that is not too short.
    """
    assert "[redacted], [redacted], a" == REDACTOR.text("%61bcd, abcd, a", values=["%61bcd"])
    assert "[redacted], abc" == REDACTOR.text("%61bc, abc", values=["%61bc"])
