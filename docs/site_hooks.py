# Copyright 2026 rfsn_ros maintainers
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Pages of the site that lie in the repository's root, where readers of the code look for them."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    'index.md': 'README.md', 'guide.md': 'BUILD_GUIDE.md', 'contributing.md': 'CONTRIBUTING.md',
    'trust.md': 'SECURITY.md', 'quality.md': 'QUALITY_DECLARATION.md',
}


def on_files(files, config):
    """Add the pages of the root under their names in the site."""
    for page, source in PAGES.items():
        text = (ROOT / source).read_text(encoding='utf-8')
        files.append(File.generated(config, page, content=_relinked(text)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Let links from `docs/` to the root lead to the pages of the site."""
    return _renamed(markdown, r'((?:\.\./)*)\.\./')


def _relinked(text):
    """Let links that are right in the root be right in `docs/`."""
    return re.sub(r'\]\(docs/', '](', _renamed(text, '()'))


def _renamed(text, folder):
    """Name the pages of the root as the site does, where links lead to them by way of `folder`."""
    for page, source in PAGES.items():
        text = re.sub(
            rf'\]\({folder}{re.escape(source)}(#[^)]*)?\)',
            lambda link, page=page: f']({link[1]}{page}{link[2] or ""})', text)
    return text
