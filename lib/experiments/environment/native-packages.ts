/**
 * Packages with compiled code that applications often have: what the managed heap's tools cannot see. A lockfile with
 * platform names tells the others.
 */
const NATIVE = new Set(
  [
    // Ruby
    'bcrypt bigdecimal bootsnap charlock_holmes commonmarker curb dalli-ffi date debug eventmachine ffi gpgme grpc',
    'google-protobuf hiredis hiredis-client io-console jaro_winkler json kgio levenshtein-ffi libxml-ruby memcached',
    'mini_racer msgpack mysql2 nio4r nokogiri numo-narray oj ox pg pg_query puma racc rbtree rdiscount rdkafka redcarpet',
    'rinku rmagick ruby-prof ruby-vips rugged sassc snappy sqlite3 stackprof strscan therubyracer tiny_tds typhoeus unf_ext',
    'unicorn websocket-driver yajl-ruby zstd-ruby',
    // Python
    'aiohttp asyncpg cffi confluent-kafka cryptography cython gevent greenlet grpcio h5py lxml markupsafe mysqlclient numpy',
    'opencv-python orjson pandas pillow protobuf psycopg psycopg2 psycopg2-binary pyarrow pycurl pydantic-core pylibmc pymongo',
    'pyyaml pyzmq scikit-learn scipy sqlalchemy tensorflow tokenizers torch ujson uvloop uwsgi wrapt zstandard',
    // npm
    '@grpc/grpc-js-native @node-rs/argon2 @prisma/engines argon2 bcrypt better-sqlite3 bufferutil canvas cld deasync ffi-napi',
    'fsevents grpc iltorb isolated-vm leveldown libpq libxmljs lz4 node-expat node-gyp-build node-rdkafka node-sass pg-native',
    're2 sharp snappy sodium-native sqlite3 utf-8-validate zeromq zstd-napi',
  ].flatMap((line) => line.split(' ')),
)

/** Is it known to carry compiled code? Names as the package manager writes them. */
export const isNative = (name: string): boolean => NATIVE.has(name.toLowerCase())
