// The users of a location, as `GET /users/` shows them (docs/vendors.md, GoHighLevel: users).

/** A user. A contact's `assignedTo` is the id of one. */
export interface LocationUser {
  id: string;
  name: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  deleted: boolean;
}

/** A location with three users. */
export const LOCATION_USERS: LocationUser[] = [
  user(1, 'Erin', 'Walsh'),
  user(2, 'Tomas', 'Silva'),
  user(3, 'Grace', 'Kim'),
];

function user(number: number, firstName: string, lastName: string): LocationUser {
  return {
    id: `user${String(number).padStart(16, '0')}`,
    name: `${firstName} ${lastName}`,
    firstName,
    lastName,
    email: `${firstName}.${lastName}@crm.example`.toLowerCase(),
    phone: `+1305555020${number}`,
    deleted: false,
  };
}
