"""What is known of common callables: which change nothing, which affect the world without a name.

Whatever is not listed is taken to change its receiver and its arguments, and to keep them.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from functools import lru_cache

BUILTINS = frozenset(dir(builtins)) | {
    *("__file__", "__name__", "__doc__", "__builtins__", "__builtin__"),
    *("In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "_exit_code"),
    *("get_ipython", "display", "exit", "quit", "open", "__IPYTHON__", "__spec__", "__loader__"),
    *("__package__", "__annotations__", "__session__", "__vsc_ipynb_file__"),
}
"""Names that every cell has, IPython's own among them."""

CONVENTIONS: Mapping[str, str] = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "tf": "tensorflow",
    **{
        name: name
        for name in ("os", "sys", "random", "torch", "warnings", "logging", "json", "pickle")
    },
    **{name: name for name in ("shutil", "subprocess", "numpy", "pandas", "matplotlib", "locale")},
}
"""What names mean by custom, where the import is not known."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Builtins and methods by what they leave alone.
_SCALAR_BUILTINS = _words(
    "len str int float bool complex repr format abs round pow ord chr hex bin oct hash id "
    "isinstance issubclass type callable hasattr print input ascii divmod all any bytes super"
)
_KEEPING_BUILTINS = _SCALAR_BUILTINS | _words(
    "range list dict tuple set frozenset sorted sum min max enumerate zip map filter reversed iter "
    "getattr slice vars dir help display object property staticmethod classmethod bytearray "
    "memoryview open"
)
_LAZY_BUILTINS = _words("iter map filter zip enumerate reversed open getattr vars super")
_LOOKING_BUILTINS = _words(
    "len str repr format print type isinstance issubclass id callable hasattr hash bool display "
    "getattr super vars dir help"
)

_FRESH_METHODS = _words(
    "split rsplit splitlines strip lstrip rstrip join format upper lower title capitalize casefold "
    "swapcase center ljust rjust zfill translate encode decode startswith endswith find rfind "
    "isdigit isalpha isalnum isnumeric isspace "
    "isupper islower isdecimal isidentifier istitle count "
    "partition rpartition removeprefix removesuffix expandtabs index "
    "mean sum std var median mode min max quantile describe value_counts nunique corr cov isna "
    "isnull notna notnull duplicated item strftime isoformat total_seconds weekday isoweekday date "
    "timestamp predict predict_proba score "
    "decision_function bit_length hexdigest digest as_integer_ratio "
    "is_integer exists is_file is_dir read_text read_bytes group groups groupdict span "
    "most_common issubset issuperset isdisjoint argmax argmin argsort idxmax idxmin memory_usage "
    "to_string to_markdown to_html to_dict tolist get_params inverse_transform "
    "get_feature_names_out prod cumsum cumprod diff pct_change rank skew kurt all any nonzero"
)
_KEEPING_METHODS = _FRESH_METHODS | _words(
    "head tail items keys values copy groupby agg aggregate apply applymap map transform merge "
    "concat pivot pivot_table melt stack unstack sort_values sort_index reset_index set_index drop "
    "rename fillna dropna astype assign query nlargest nsmallest sample filter where mask between "
    "isin reshape transpose flatten ravel squeeze swapaxes repeat take clip round abs dot "
    "rolling expanding resample ewm shift to_numpy to_frame to_list to_series unique info "
    "replace eval explode crosstab cut qcut to_csv to_json to_excel to_parquet to_pickle to_sql "
    "savefig union intersection difference symmetric_difference elements "
    "match search fullmatch findall sub subn joinpath with_suffix with_name relative_to resolve "
    "as_posix glob rglob iterdir mkdir write_text write_bytes unlink rmdir touch rename_axis "
    "reindex align append_suffix add_prefix add_suffix get_group first last nth size ngroups "
    "select_dtypes drop_duplicates iterrows itertuples interpolate ffill bfill tz_localize "
    "tz_convert normalize floor ceil to_period to_timestamp to_datetime plot hist boxplot kde "
    "scatter bar barh line pie area"
)
_LAZY_METHODS = _words(
    "finditer iterrows itertuples items glob rglob iterdir execute cursor reader groupby rolling "
    "imap imap_unordered as_completed iter_content iter_lines split_generator elements"
) - _words("items groupby rolling")
_SELF_METHODS = _words(
    "append extend insert remove pop popitem popleft appendleft extendleft rotate clear sort "
    "reverse add discard update setdefault intersection_update difference_update "
    "symmetric_difference_update subtract move_to_end "
    "fit partial_fit fit_transform fit_predict set_params "
    "fill put resize setflags itemset setfield "
    "write writelines writerow writerows writeheader seek truncate flush close read readline "
    "readlines execute executemany executescript commit rollback "
    "set_title set_xlabel set_ylabel set_xlim set_ylim set_xticks set_yticks set_xticklabels "
    "set_yticklabels legend grid tight_layout annotate axhline axvline fill_between imshow plot "
    "integers normal uniform choice random standard_normal permutation shuffle poisson binomial "
    "exponential randint sample gauss shuffle seed "
    "send throw put_nowait get get_nowait acquire release"
)
_CERTAIN_METHODS = _words(
    "append extend insert remove pop popitem popleft appendleft extendleft rotate clear sort "
    "reverse add discard update setdefault intersection_update difference_update "
    "symmetric_difference_update move_to_end"
)

_KEEPING_MODULES = _words(
    "numpy pandas scipy sklearn matplotlib seaborn plotly altair bokeh statsmodels math cmath "
    "statistics re json datetime time calendar "
    "textwrap string collections itertools functools copy "
    "pprint hashlib base64 os pathlib decimal fractions "
    "dataclasses enum typing uuid zlib struct csv "
    "io platform glob fnmatch unicodedata html urllib random contextlib types inspect sqlite3 "
    "warnings sys logging IPython tabulate tqdm abc numbers secrets pickle shutil tempfile timeit "
    "operator heapq bisect asyncio ipywidgets difflib zoneinfo array colorsys keyword locale "
    "traceback"
)
_CHANGING = _words(
    "numpy.copyto numpy.put numpy.place numpy.putmask numpy.fill_diagonal numpy.put_along_axis "
    "numpy.random.shuffle random.shuffle heapq.heapify heapq.heappush heapq.heappop "
    "heapq.heapreplace heapq.heappushpop bisect.insort bisect.insort_left bisect.insort_right "
    "operator.setitem operator.delitem json.dump pickle.dump pickle.load json.load "
    "dataclasses.dataclass contextlib.contextmanager functools.lru_cache functools.cache "
    "functools.singledispatch pandas.eval asyncio.run asyncio.gather asyncio.create_task "
    "asyncio.wait asyncio.wait_for functools.reduce"
)
_FRESH_MODULES = _words(
    "math cmath statistics re datetime time calendar textwrap string hashlib base64 decimal "
    "fractions uuid zlib struct platform unicodedata html random"
)
_FRESH_FUNCTIONS = _words(
    "json.dumps json.loads copy.deepcopy os.path os.getcwd os.listdir pandas.read_csv "
    "pandas.read_json pandas.read_excel pandas.date_range numpy.mean numpy.sum numpy.std numpy.var "
    "numpy.median numpy.min numpy.max numpy.linspace numpy.arange numpy.zeros numpy.ones "
    "numpy.random numpy.corrcoef numpy.dot numpy.sqrt numpy.exp numpy.log numpy.sin numpy.cos "
    "sklearn.metrics"
)
_LAZY_MODULES = _words("itertools csv contextlib functools sqlite3 asyncio")
_LAZY_FUNCTIONS = _words(
    "re.finditer os.walk os.scandir glob.iglob "
    "pandas.read_csv io.open numpy.nditer numpy.ndenumerate "
    "tqdm.tqdm tqdm.auto.tqdm tqdm.notebook.tqdm heapq.merge"
) - _words("pandas.read_csv")

EFFECTS: Mapping[str, str] = {
    **dict.fromkeys(
        _words(
            "random.seed numpy.random.seed "
            "numpy.random.set_state random.setstate torch.manual_seed "
            "torch.cuda.manual_seed_all tensorflow.random.set_seed tensorflow.set_random_seed"
        ),
        "seed",
    ),
    **dict.fromkeys(
        _words(
            "numpy.random.default_rng numpy.random.Generator "
            "numpy.random.RandomState random.Random "
            "numpy.random.SeedSequence random.SystemRandom seaborn.load_dataset "
            "seaborn.color_palette matplotlib.pyplot.colormaps os.path shutil.which "
            "shutil.get_terminal_size warnings.warn logging.info logging.debug logging.warning "
            "logging.error os.environ.get tempfile.gettempdir gc.get_objects"
        ),
        "",
    ),
    **dict.fromkeys(
        _words(
            "random numpy.random torch.rand torch.randn torch.randint torch.randperm "
            "tensorflow.random scipy.stats"
        ),
        "draw",
    ),
    **dict.fromkeys(_words("matplotlib.pyplot seaborn pylab"), "figure"),
    **dict.fromkeys(
        _words(
            "pandas.set_option pandas.reset_option pandas.options pandas.plotting.register "
            "numpy.set_printoptions numpy.seterr numpy.setbufsize matplotlib.use matplotlib.rc "
            "matplotlib.rcParams matplotlib.rcdefaults matplotlib.rc_file matplotlib.style "
            "matplotlib.pyplot.style matplotlib.pyplot.rcParams matplotlib.pyplot.rc seaborn.set "
            "seaborn.set_theme seaborn.set_style seaborn.set_context seaborn.set_palette warnings "
            "logging locale decimal.getcontext decimal.setcontext gc signal sys.setrecursionlimit "
            "sys.settrace sys.setprofile socket.setdefaulttimeout torch.set_default_dtype "
            "torch.set_default_tensor_type torch.set_num_threads torch.set_grad_enabled "
            "plotly.io sklearn.set_config asyncio.set_event_loop asyncio.set_event_loop_policy "
            "getcontext setlocale set_option faulthandler threading multiprocessing"
        ),
        "options",
    ),
    "os.chdir": "cwd",
    **dict.fromkeys(_words("os.environ os.putenv os.unsetenv dotenv time.tzset"), "environ"),
    **dict.fromkeys(_words("sys.path site.addsitedir"), "path"),
    **dict.fromkeys(
        _words(
            "os.makedirs os.mkdir os.remove os.unlink os.rename os.replace os.rmdir os.removedirs "
            "os.symlink os.link os.truncate os.chmod os.utime shutil tempfile numpy.save "
            "numpy.savez numpy.savez_compressed "
            "numpy.savetxt joblib.dump urllib.request.urlretrieve "
            "zipfile tarfile nltk.download torch.save wget gdown pickle.dump json.dump "
            "shelve.open sqlite3.connect h5py.File"
        ),
        "files",
    ),
    **dict.fromkeys(_words("subprocess os.system os.popen pexpect"), "shell"),
    **dict.fromkeys(
        _words("importlib.reload builtins nest_asyncio atexit unittest.mock sys.modules"), "patch"
    ),
    "input": "input",
}
"""Dotted callable, or a module or object around it → what calling it does without a name."""

METHOD_EFFECTS: Mapping[str, str] = {
    **dict.fromkeys(
        _words(
            "to_csv to_json to_excel to_parquet to_pickle to_sql to_hdf to_feather savefig "
            "write_text write_bytes mkdir unlink rmdir touch hardlink_to symlink_to extractall "
            "save dump write_html write_image urlretrieve to_html"
        ),
        "files",
    ),
    **dict.fromkeys(_words("plot hist boxplot show kdeplot"), "figure"),
    **dict.fromkeys(
        _words(
            "fit fit_transform fit_predict partial_fit sample rvs cross_val_score "
            "train_test_split KFold shuffle"
        ),
        "draw",
    ),
    "setLevel": "options",
}
"""Method of an unknown object → what calling it does without a name."""

READS_ALL = _words("globals locals vars dir exec eval compile execfile get_ipython")
"""Builtins that may look at any name."""

OPENS = _words("globals exec eval execfile get_ipython")
"""Builtins that may bind any name."""

CERTAIN_METHODS = _CERTAIN_METHODS
"""Methods that change their receiver in place (of the built-in containers)."""


def resolve(callee: str, imports: Mapping[str, str]) -> str | None:
    """Return the dotted path of an imported callable, None where its root is no import."""
    root, dot, rest = callee.partition(".")
    module = imports.get(root) or CONVENTIONS.get(root)
    return f"{module}{dot}{rest}" if module else None


@lru_cache(maxsize=8192)
def _longest(dotted: str, table: str) -> str | None:
    """Return the longest leading part of a dotted path that a table lists."""
    names = _TABLES[table]
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        head = ".".join(parts[:length])
        if head in names:
            return head
    return None


_TABLES: Mapping[str, Mapping[str, str] | frozenset[str]] = {
    "effects": EFFECTS,
    "keeping": _KEEPING_MODULES | _CHANGING,
    "fresh": _FRESH_MODULES | _FRESH_FUNCTIONS,
    "lazy": _LAZY_MODULES | _LAZY_FUNCTIONS,
}


def effect_of(callee: str, imports: Mapping[str, str]) -> str:
    """Return what calling (or storing into) a dotted callable does to the world, '' for nothing."""
    dotted = resolve(callee, imports)
    if dotted is None:
        plain = EFFECTS.get(callee, "")
        return plain or METHOD_EFFECTS.get(callee.rpartition(".")[2], "")
    found = _longest(dotted, "effects")
    return EFFECTS[found] if found else ""


def keeps_function(dotted: str) -> bool:
    """Return whether an imported callable leaves its arguments as they are and forgets them."""
    found = _longest(dotted, "keeping")
    return found is not None and found not in _CHANGING


def fresh_function(dotted: str) -> bool:
    """Return whether an imported callable's result shares nothing mutable with its arguments."""
    return _longest(dotted, "fresh") is not None


def lazy_function(dotted: str) -> bool:
    """Return whether an imported callable may give an iterator (all but those known not to)."""
    return _longest(dotted, "keeping") is None or _longest(dotted, "lazy") is not None


def keeps_builtin(name: str) -> bool:
    """Return whether a builtin leaves its arguments as they are (iterators aside)."""
    return name in _KEEPING_BUILTINS


def looks_only(name: str) -> bool:
    """Return whether a builtin does not even iterate over its arguments."""
    return name in _LOOKING_BUILTINS


def scalar_builtin(name: str) -> bool:
    """Return whether a builtin's result cannot be changed in place."""
    return name in _SCALAR_BUILTINS


def lazy_builtin(name: str) -> bool:
    """Return whether a builtin may give an iterator."""
    return name in _LAZY_BUILTINS or name not in _KEEPING_BUILTINS


def keeps_method(name: str) -> bool:
    """Return whether a method of that name commonly changes neither receiver nor arguments."""
    return name in _KEEPING_METHODS


def changes_self_only(name: str) -> bool:
    """Return whether a method of that name commonly changes its receiver but not its arguments."""
    return name in _SELF_METHODS


def fresh_method(name: str) -> bool:
    """Return whether the result of a method of that name shares nothing with its receiver."""
    return name in _FRESH_METHODS


def lazy_method(name: str) -> bool:
    """Return whether a method of that name may give an iterator."""
    return name in _LAZY_METHODS or name not in _KEEPING_METHODS
