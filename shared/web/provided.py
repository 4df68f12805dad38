"""What a route may ask for by name: `session: Session`, `now: Now`, `editor: Editor`."""

from datetime import datetime

from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from shared.identity import Identity

# One transaction: committed before the answer leaves, undone by any exception.
Session = NamedDependency[AsyncSession]
# The moment of the request, by the service's clock.
Now = NamedDependency[datetime]
# Whoever is signed in, or nobody.
Visitor = NamedDependency[Identity | None]
# The signed-in member; nobody else gets in.
Member = NamedDependency[Identity]
# A signed-in member who may change things; nobody else gets in.
Editor = NamedDependency[Identity]
# A member of the territory who may change things; nobody else gets in.
Coordinator = NamedDependency[Identity]
