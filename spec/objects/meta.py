"""Metadata that all objects have."""

from functools import cached_property

from planespec.spec.objects.view import View


class ObjectMeta(View):
    """`metadata`: name, namespace, labels, annotations and identity."""

    @property
    def name(self) -> str:
        """The name, unique among live objects of its kind and namespace."""
        return self.text("name")

    @property
    def namespace(self) -> str:
        """The namespace; empty for cluster-scoped objects."""
        return self.text("namespace")

    @property
    def uid(self) -> str:
        """The identity, unique over all time."""
        return self.text("uid")

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels."""
        return self.text_map("labels")

    @cached_property
    def annotations(self) -> dict[str, str]:
        """The annotations."""
        return self.text_map("annotations")

    @property
    def is_deleting(self) -> bool:
        """Whether deletion has been asked for and has not ended."""
        return self.has("deletionTimestamp")
