"""Read the MicroPython ESP32 stubs as data, and hold our own modules to them.

CPython only, `ast` only: no stub and no checked module is ever imported or run.

    public_names(path)          what a .pyi or .py module offers: names, kinds, call signatures
    problems(ours, stub)        what `ours` offers that the real ESP32 port, says the stub, does not
    stub_path(module)           where the stub of `module` ("bluetooth", "os", ...) lies
    build(directory)            a copy of the stubs with our corrections merged in, for mypy

A test uses it like this:

    assert problems(PORT / "machine.py", stub_path("machine")) == []

How the stubs are found. `stub_dir()` takes the first of these that holds both distributions,
micropython-esp32-stubs and micropython-stdlib-stubs (pinned in constraints.txt): $BLUETOKEN_STUBS (only
that, if set), the site-packages of `.venv` beside tests/, those of this interpreter. A module's stub is
`<dir>/<module>.pyi`, `<dir>/<module>/__init__.pyi`, or one of these in `<dir>/stdlib/`.

Corrections. Where the published stubs are wrong, `tests/stubs/<module>.pyi` says what is right, once,
with its source; `public_names` and `build` lay it over the published stub:
- a function, class member or constant there replaces everything of that name (all overloads), or is
  added; class bodies are merged member by member; names beginning with `_` and imports are added;
- `del a, b` takes names away, at module level or in a class body;
- a file that assigns `__complete__ = True` replaces the published stub altogether.

What counts as offered by a .py: every `def`, `class` and assigned name at module level (inside `if` and
`try` too), and in classes every method, property, class attribute and `self.x` attribute, unless it
begins with `_`. An import is not an offer unless it is in `__all__` or written `import x as x`.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import site
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORRECTIONS = HERE / "stubs"
PINS = HERE.parent / "constraints.txt"
DISTRIBUTIONS = ("micropython_esp32_stubs", "micropython_stdlib_stubs")

# Call signatures that matter although their name begins with "_".
_DUNDERS = ("__init__", "__call__")


# ---------------------------------------------------------------- where the stubs are


def _records(directory: Path) -> list[Path]:
    return [r for d in DISTRIBUTIONS for r in sorted(directory.glob(d + "-*.dist-info/RECORD"))]


def stub_dir() -> Path:
    """The directory that both stub distributions were installed into."""
    named = os.environ.get("BLUETOKEN_STUBS")
    places = [Path(named)] if named else sorted((HERE.parent / ".venv").glob("lib/python*/site-packages"))
    if not named:
        places += [Path(p) for p in site.getsitepackages()]
    for place in places:
        if len(_records(place)) == len(DISTRIBUTIONS):
            return place
    raise FileNotFoundError(f"no MicroPython stubs in {', '.join(map(str, places))}: run `make setup`")


def stub_path(module: str) -> Path:
    """The published stub file of a module of the ESP32 port."""
    root = stub_dir()
    name = module.replace(".", "/")
    for path in (
        root / (name + ".pyi"),
        root / name / "__init__.pyi",
        root / "stdlib" / (name + ".pyi"),
        root / "stdlib" / name / "__init__.pyi",
    ):
        if path.is_file():
            return path
    raise FileNotFoundError(f"the ESP32 stubs in {root} have no module {module!r}")


def _module_name(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


# ---------------------------------------------------------------- corrections


def _defined(node: ast.stmt) -> list[str]:
    """The names that one statement of a stub defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    if isinstance(node, ast.Assign):
        return [t.id for t in node.targets if isinstance(t, ast.Name)]
    return []


def _without(body: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for node in body:
        for field in ("body", "orelse"):
            if isinstance(node, ast.If) and getattr(node, field):
                rest = _without(getattr(node, field), names)
                setattr(node, field, rest or ([ast.Pass()] if field == "body" else []))
        if not names.intersection(_defined(node)):
            kept.append(node)
    return kept


def _classes(body: list[ast.stmt]) -> dict[str, ast.ClassDef]:
    found: dict[str, ast.ClassDef] = {}
    for node in _flat(body):
        if isinstance(node, ast.ClassDef):
            found[node.name] = node
    return found


def _merge(body: list[ast.stmt], correction: list[ast.stmt], where: str) -> list[ast.stmt]:
    old = _classes(body)
    present = {n for node in _flat(body) for n in _defined(node)}
    gone: set[str] = set()
    new: list[ast.stmt] = []
    for node in correction:
        if isinstance(node, ast.Delete):
            names = {t.id for t in node.targets if isinstance(t, ast.Name)}
            if names - present:
                # Keeps the corrections honest when the pins move.
                raise ValueError(f"{where}: nothing to delete: {', '.join(sorted(names - present))}")
            gone |= names
        elif isinstance(node, ast.ClassDef) and node.name in old:
            target = old[node.name]
            target.body = _merge(target.body, node.body, where + "." + node.name) or [ast.Pass()]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # docstring, `...`
        else:
            gone.update(_defined(node))
            new.append(node)
    imports = [n for n in new if isinstance(n, (ast.Import, ast.ImportFrom))]
    rest = [n for n in new if n not in imports]
    kept = _without(body, gone)
    at = 0
    while at < len(kept) and (
        isinstance(kept[at], ast.Expr)
        or (isinstance(kept[at], ast.ImportFrom) and getattr(kept[at], "module", "") == "__future__")
    ):
        at += 1
    return kept[:at] + imports + kept[at:] + rest


def corrected(path: Path) -> ast.Module:
    """The syntax tree of a stub with our corrections laid over it."""
    path = Path(path)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    correction = CORRECTIONS / (_module_name(path) + ".pyi")
    if path.suffix != ".pyi" or path.resolve().parent == CORRECTIONS or not correction.is_file():
        return tree
    ours = ast.parse(correction.read_text(encoding="utf-8"), str(correction))
    if any("__complete__" in _defined(n) for n in ours.body):
        return ours
    tree.body = _merge(tree.body, ours.body, _module_name(path))
    return tree


def build(directory: Path) -> Path:
    """Write the corrected stubs to `directory`: a typeshed and a MYPYPATH entry in one."""
    source, directory = stub_dir(), Path(directory)
    for record in _records(source):
        for line in record.read_text(encoding="utf-8").splitlines():
            name = line.split(",")[0].strip('"')
            if name.endswith((".pyi", "_mpy_shed/mp_implementation.py", "stdlib/VERSIONS")):
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, directory / name)
    for correction in sorted(CORRECTIONS.glob("*.pyi")):
        path = stub_path(correction.stem)
        text = ast.unparse(ast.fix_missing_locations(corrected(path)))
        (directory / path.relative_to(source)).write_text(text + "\n", encoding="utf-8")
    return directory


def unpinned() -> list[str]:
    """The stub versions that constraints.txt asks for and `stub_dir()` does not hold."""
    if not PINS.is_file():
        return []
    installed = {r.parent.name.removesuffix(".dist-info") for r in _records(stub_dir())}
    pins = re.findall(r"^(micropython-\w+-stubs)==(\S+)", PINS.read_text(encoding="utf-8"), re.M)
    return [f"{name}=={v}" for name, v in pins if f"{name.replace('-', '_')}-{v}" not in installed]


# Modules that only the stubs need: the ESP32 cannot import them.
NOT_ON_ESP32 = {
    *("__future__", "_ast", "_codecs", "_collections_abc", "_decimal", "_mpy_shed", "_typeshed"),
    *("abc", "enum", "mypy_extensions", "sre_compile", "sre_constants", "sre_parse"),
    *("types", "typing", "typing_extensions"),
}


def foreign_imports(path: Path) -> list[str]:
    """Imports of NOT_ON_ESP32, unless inside a `try` that catches ImportError."""
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Try) and any(
            h.type is None or "ImportError" in ast.unparse(h.type) for h in node.handlers
        ):
            for part in node.handlers + node.orelse + node.finalbody:
                visit(part)
            return
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in NOT_ON_ESP32 or name == "collections.abc":
                line = getattr(node, "lineno", 0)
                found.append(f"{path}:{line}: error: the ESP32 has no module {name!r}")
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(Path(path).read_text(encoding="utf-8"), str(path)))
    return found


# ---------------------------------------------------------------- what a module offers


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements, those inside `if`, `try` and `with` included."""
    found: list[ast.stmt] = []
    for node in body:
        found.append(node)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(node, (ast.If, ast.Try, ast.With)):
                found += _flat(getattr(node, field, []))
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                found += _flat(handler.body)
    return found


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {ast.unparse(d).split("(")[0].split(".")[-1] for d in node.decorator_list}


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, bound: bool) -> list[dict]:
    a = node.args
    params: list[dict] = [{"name": p.arg, "kind": "positional_only"} for p in a.posonlyargs]
    params += [{"name": p.arg, "kind": "positional_or_keyword"} for p in a.args]
    defaults = len(params) - len(a.defaults)
    for i, p in enumerate(params):
        p["default"] = i >= defaults
        if p["name"].startswith("__") and not p["name"].endswith("__"):
            p["kind"] = "positional_only"  # PEP 484's older spelling
    if bound:
        params = params[1:]
    if a.vararg:
        params.append({"name": a.vararg.arg, "kind": "var_positional", "default": True})
    for k, d in zip(a.kwonlyargs, a.kw_defaults, strict=True):
        params.append({"name": k.arg, "kind": "keyword_only", "default": d is not None})
    if a.kwarg:
        params.append({"name": a.kwarg.arg, "kind": "var_keyword", "default": True})
    return params


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return [node.target]
    found: list[ast.expr] = []
    for t in node.targets if isinstance(node, ast.Assign) else []:
        found += t.elts if isinstance(t, (ast.Tuple, ast.List)) else [t]
    return found


def _constant(node: ast.stmt) -> dict:
    # `x: Incomplete` and `x = something_else` may be anything, also callable.
    annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else "Any"
    known = not re.search(r"Incomplete|Any|Callable", annotation)
    value = getattr(node, "value", None)
    literal = isinstance(value, ast.Constant) and value.value is not ...
    return {"kind": "constant", "callable": not (known or literal)}


def _scope(body: list[ast.stmt], in_class: bool) -> dict:
    names: dict[str, dict] = {}
    for node in _flat(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            marks = _decorators(node)
            if marks & {"setter", "deleter"}:
                continue
            if "property" in marks or "cached_property" in marks:
                names[node.name] = {"kind": "property"}
                continue
            entry = {
                "kind": "function",
                "async": isinstance(node, ast.AsyncFunctionDef),
                "signatures": [_signature(node, in_class and "staticmethod" not in marks)],
            }
            before = names.get(node.name)
            if before and before["kind"] == "function" and "overload" in marks:
                before["signatures"] += entry["signatures"]
            else:
                names[node.name] = entry
        elif isinstance(node, ast.ClassDef):
            names[node.name] = {
                "kind": "class",
                "bases": [ast.unparse(b).split("[")[0] for b in node.bases],
                "members": _class_members(node),
            }
        else:
            for target in _targets(node):
                if isinstance(target, ast.Name):
                    names.setdefault(target.id, _constant(node))
    return names


def _class_members(node: ast.ClassDef) -> dict:
    members = _scope(node.body, True)
    for method in _flat(node.body):
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or not method.args.args:
            continue
        me = method.args.args[0].arg
        for inner in ast.walk(method):
            for target in _targets(inner) if isinstance(inner, ast.stmt) else []:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) == me:
                    members.setdefault(target.attr, {"kind": "constant", "callable": True})
    return members


def _imports(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Local name -> (module, name there); a star import is under "*module"."""
    found: dict[str, tuple[str, str]] = {}
    for node in _flat(tree.body):
        if isinstance(node, ast.ImportFrom):
            for a in node.names:
                key = "*" + (node.module or "") if a.name == "*" else a.asname or a.name
                found[key] = (node.module or "", a.name)
        elif isinstance(node, ast.Import):
            for a in node.names:
                found[a.asname or a.name.split(".")[0]] = (a.name, "")
    return found


def _reexported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in _flat(tree.body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {a.name for a in node.names if a.asname == a.name}
        elif "__all__" in _defined(node) and isinstance(getattr(node, "value", None), (ast.List, ast.Tuple)):
            names |= {e.value for e in node.value.elts if isinstance(e, ast.Constant)}  # type: ignore
    return names


def _neighbour(path: Path, module: str) -> Path | None:
    if path.suffix == ".py":
        beside = path.parent / (module.replace(".", "/") + ".py")
        return beside if module and beside.is_file() and beside != path else None
    try:
        found = stub_path(module) if module else None
    except FileNotFoundError:
        return None
    return None if found == path else found


def _all_names(path: Path, known: dict[Path, dict]) -> dict:
    if path in known:
        return known[path]
    tree = corrected(path)
    # In `known` before it is complete: modules that import each other end here.
    names = known[path] = _scope(tree.body, False)
    imports = _imports(tree)

    def elsewhere(module: str) -> dict:
        other = _neighbour(path, module)
        return _all_names(other, known) if other else {}

    for key, (module, _) in imports.items():
        if key.startswith("*"):
            for k, v in list(elsewhere(module).items()):
                names.setdefault(k, v)
    for name in _reexported(tree) & set(imports):
        module, original = imports[name]
        names.setdefault(name, elsewhere(module).get(original, {"kind": "constant", "callable": True}))

    def inherit(entry: dict, depth: int = 0) -> None:
        for base in entry["bases"] if depth < 8 else []:
            parent = names.get(base)
            if parent is None and base in imports:
                parent = elsewhere(imports[base][0]).get(imports[base][1])
            if parent and parent["kind"] == "class":
                inherit(parent, depth + 1)
                for k, v in parent["members"].items():
                    entry["members"].setdefault(k, v)

    for entry in list(names.values()):
        if entry["kind"] == "class":
            inherit(entry)
    return names


def _public(names: dict) -> dict:
    shown: dict[str, dict] = {}
    for name, entry in names.items():
        if name.startswith("_") and name not in _DUNDERS:
            continue
        if entry["kind"] == "class":
            entry = dict(entry, members=_public(entry["members"]))
        shown[name] = entry
    return shown


def public_names(path: Path | str) -> dict:
    """What the module at `path` (.pyi or .py) offers, by name.

    An entry is a dict with "kind":
    - "function": "signatures", a list of alternatives (one, or one for each @overload), each a list of
      parameters {"name", "kind", "default"}; kind is positional_only, positional_or_keyword,
      var_positional, keyword_only or var_keyword; default says whether it may be left out. `self` and
      `cls` are left out. "async" says whether it is a coroutine;
    - "class": "members", the same kind of dict (with __init__ and __call__), inherited members included
      where the base can be found; "bases", their names;
    - "property";
    - "constant": any other name; "callable" is True when nothing says that it is not.
    """
    return _public(_all_names(Path(path), {}))


# ---------------------------------------------------------------- comparing


def _positional(sig: list[dict]) -> list[dict]:
    return [p for p in sig if p["kind"].startswith("positional")]


def _has(sig: list[dict], kind: str) -> bool:
    return any(p["kind"] == kind for p in sig)


def _takes_keyword(sig: list[dict], name: str) -> bool:
    named = any(p["name"] == name and p["kind"] in ("positional_or_keyword", "keyword_only") for p in sig)
    return named or _has(sig, "var_keyword")


def _takes_call(sig: list[dict], count: int, keywords: set[str]) -> bool:
    """Whether `count` positional arguments and these keywords are a complete call."""
    pos = _positional(sig)
    if count > len(pos) and not _has(sig, "var_positional"):
        return False
    if not all(_takes_keyword(sig, k) for k in keywords):
        return False
    left = pos[count:] + [p for p in sig if p["kind"] == "keyword_only"]
    return all(p["default"] or p["name"] in keywords for p in left)


def _wider(ours: list[dict], stubs: list[list[dict]]) -> list[str]:
    """The ways in which one signature of ours takes calls that no alternative of the stub takes."""
    found: list[str] = []
    pos = _positional(ours)
    required = sum(1 for p in pos if not p["default"])
    must = {p["name"] for p in ours if p["kind"] == "keyword_only" and not p["default"]}
    for count in range(required, len(pos) + 1):
        if not any(_takes_call(s, count, must) for s in stubs):
            keywords = f" and {'=, '.join(sorted(must))}=" if must else ""
            found.append(f"takes {count} positional argument{'' if count == 1 else 's'}{keywords}")
    for i, p in enumerate(pos):
        if p["kind"] == "positional_only" or p["name"].startswith("_"):
            continue
        if any(_takes_keyword(s, p["name"]) for s in stubs):
            continue
        # MicroPython has no "/", so a name that can only be given by position in the port is no offence,
        # unless the port knows that very position under another name.
        there = [_positional(s)[i]["kind"] for s in stubs if i < len(_positional(s))]
        if "positional_or_keyword" in there:
            found.append(f"takes keyword {p['name']}=")
    for p in ours:
        if p["kind"] == "keyword_only" and not any(_takes_keyword(s, p["name"]) for s in stubs):
            found.append(f"takes keyword {p['name']}=")
        if p["kind"] in ("var_positional", "var_keyword") and not any(_has(s, p["kind"]) for s in stubs):
            found.append(f"takes {'*' if p['kind'] == 'var_positional' else '**'}{p['name']}")
    return found


def _calls(entry: dict | None) -> list[list[dict]] | None:
    """The signatures of a callable entry; None when nothing is known of them."""
    if entry and entry["kind"] == "class":
        entry = entry["members"].get("__init__")
    signatures: list[list[dict]] | None = entry.get("signatures") if entry else None
    return signatures


def _compare(ours: dict, stub: dict, prefix: str, stub_name: str) -> list[str]:
    found: list[str] = []
    for name, mine in ours.items():
        full = prefix + name
        theirs = stub.get(name)
        if theirs is None:
            if name == "__init__":
                theirs = {"kind": "function", "signatures": [[]]}
            elif name == "__call__":
                found.append(f"{prefix[:-1]} can be called; in {stub_name} it cannot")
                continue
            else:
                found.append(f"{full}: not in {stub_name}")
                continue
        if mine["kind"] == "class" and theirs["kind"] == "class":
            found += _compare(mine["members"], theirs["members"], full + ".", stub_name)
            continue
        callable_mine = mine["kind"] in ("function", "class")
        if callable_mine and theirs["kind"] in ("constant", "property"):
            if theirs["kind"] == "property" or not theirs["callable"]:
                found.append(f"{full}: a {mine['kind']}, but a {theirs['kind']} in {stub_name}")
            continue
        if mine["kind"] == "property" and theirs["kind"] in ("function", "class"):
            found.append(f"{full}: a property, but a {theirs['kind']} in {stub_name}")
            continue
        if mine["kind"] == "constant" and not mine["callable"] and theirs["kind"] in ("function", "class"):
            found.append(f"{full}: a constant, but a {theirs['kind']} in {stub_name}")
            continue
        signatures, allowed = _calls(mine), _calls(theirs)
        if signatures and allowed:
            for signature in signatures:
                for way in _wider(signature, allowed):
                    found.append(f"{full}: {way}, which {stub_name} does not")
    return found


def problems(virtual_py_path: Path | str, stub_pyi_path: Path | str) -> list[str]:
    """Where a module of ours is wider than the real one: one sentence each, [] when it is not.

    Reported: public names that the stub lacks; functions, methods and constructors that take a number
    of positional arguments, or a keyword, that no overload of the stub takes; a property for a method
    and the like. Not reported: what the stub has and ours lacks, types, and keyword names of parameters
    that the port takes by position only (MicroPython cannot write "/").
    """
    stub = Path(stub_pyi_path)
    name = _module_name(stub)
    return _compare(public_names(virtual_py_path), public_names(stub), name + ".", "the stub of " + name)


def main(arguments: list[str]) -> int:
    """`--build DIR`: corrected stubs for mypy; `--imports FILE...`: refuse modules the ESP32 lacks."""
    if arguments[:1] == ["--build"] and len(arguments) == 2:
        missing = unpinned()
        if missing:
            print(f"{stub_dir()} lacks {', '.join(missing)}: run `make setup`", file=sys.stderr)
            return 2
        build(Path(arguments[1]))
        return 0
    if arguments[:1] == ["--imports"]:
        found = [line for path in arguments[1:] for line in foreign_imports(Path(path))]
        print("\n".join(found), end="\n" if found else "")
        return 1 if found else 0
    print(main.__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f"stub_signatures: {error}")
