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


def _relinked(text):
    """Let links that are right in the root be right in `docs/`."""
    for page, source in PAGES.items():
        text = re.sub(rf'\]\({re.escape(source)}(#[^)]*)?\)', rf']({page}\1)', text)
    return re.sub(r'\]\(docs/', '](', text)
