"""Names of images are read, and refused, as upstream's parser does, in its words."""

import pytest

from planespec.spec.admission.image_names import (
    ImageName,
    ImageNameError,
    apply_default_tag,
    parse_image_name,
)

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", "latest", ""),
        ("a/b:v1", "docker.io/a/b", "v1", ""),
        ("docker.io/nginx", "docker.io/library/nginx", "latest", ""),
        ("index.docker.io/nginx:1", "docker.io/library/nginx", "1", ""),
        ("localhost/a", "localhost/a", "latest", ""),
        ("Host/a", "Host/a", "latest", ""),
        ("[::1]:5000/a:T", "[::1]:5000/a", "T", ""),
        (f"q.io/a@sha256:{HEX}", "q.io/a", "", f"sha256:{HEX}"),
        (f"q.io/a:t@sha256:{HEX}", "q.io/a", "t", f"sha256:{HEX}"),
        (f"q.io/a@sha512:{HEX}{HEX}", "q.io/a", "", f"sha512:{HEX}{HEX}"),
    ],
)
def test_a_name_has_registry_repository_tag_and_digest(
    text: str, name: str, tag: str, digest: str
) -> None:
    assert parse_image_name(text) == ImageName(name, tag, digest)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a:", "invalid reference format"),
        ("app\n", "invalid reference format"),
        ("q.io/a:" + "t" * 129, "invalid reference format"),
        ("BAD", "invalid reference format: repository name (library/BAD) must be lowercase"),
        ("BAD/Name", "invalid reference format: repository name (Name) must be lowercase"),
        ("q.io/a:5000/b", "invalid reference format"),
        ("a:\u212a", "repository name must be lowercase"),
        (HEX, f"invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"),
        ("q.io/" + "a" * 256, "repository name must not be more than 255 characters"),
        (f"a@md5:{HEX}", "unsupported digest algorithm"),
        (f"a:t@MD5:{HEX}", "invalid checksum digest format"),
        (f"a@sha256:{HEX[1:]}", "invalid checksum digest length"),
        (f"a@sha256:{HEX.upper()}", "invalid checksum digest format"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(ImageNameError) as error:
        parse_image_name(text)
    assert str(error.value).endswith(f": {message}")


def test_the_text_is_quoted_as_go_does() -> None:
    with pytest.raises(ImageNameError) as error:
        parse_image_name('a"b')
    assert str(error.value) == r"""couldn't parse image name "a\"b": invalid reference format"""


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("nginx", "nginx:latest"),
        ("q.io:5000/a", "q.io:5000/a:latest"),
        ("a:latest", "a:latest"),
        ("a:v", "a:v"),
        (f"a@sha256:{HEX}", f"a@sha256:{HEX}"),
        (f"a:v@sha256:{HEX}", f"a:v@sha256:{HEX}"),
    ],
)
def test_a_name_without_tag_and_digest_gets_the_default_tag(text: str, tagged: str) -> None:
    assert apply_default_tag(text) == tagged
