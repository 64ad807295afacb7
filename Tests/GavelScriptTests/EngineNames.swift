import CGavelLua
import CLua
import Testing

/// The names that an engine has for scripts, found by walking its tables as no script can.
struct EngineNames {
    static let libraries: Set<String> = ["gavel", "math", "string", "table", "utf8"]

    private(set) var globals: Set<String> = []
    private(set) var gavel: Set<String> = []
    private(set) var json: Set<String> = []
    private(set) var roomFunctions: Set<String> = []
    /// Lua's own: "print", "string.find".
    private(set) var builtinFunctions: Set<String> = []

    /// What stock Lua has in the libraries that rules see.
    static let stock: Set<String> = {
        let state = luaL_newstate()!
        defer { lua_close(state) }
        luaL_openlibs(state)
        return Self.builtinFunctions(of: state).filter { $0 != "require" }
    }()

    init() throws {
        var limits = gl_limits()
        limits.instructions = 1_000_000
        limits.time_ns = 5_000_000_000
        limits.memory_bytes = 8 << 20
        limits.block_bytes = 1 << 20
        let engine = try #require(gl_new(&limits, [0x6B], 1, [1, 2, 3, 4]))
        defer { gl_free(engine) }
        try #require(gl_fill_names(engine))
        // The state is the engine's first field.
        let state = UnsafeRawPointer(engine).load(as: OpaquePointer.self)
        Self.pushGlobals(state)
        self.globals = Self.names(in: state)
        Self.pushSealed(state, "gavel")
        self.gavel = Self.names(in: state)
        lua_getfield(state, -1, "json")
        self.json = Self.names(in: state)
        self.builtinFunctions = Self.builtinFunctions(of: state)
        try #require(self.pushRoomFunctions(state))
        self.roomFunctions = Self.names(in: state)
        lua_settop(state, 0)
    }

    /// The functions of the room stand in the `__index` of its metatable; the room in the registry.
    private func pushRoomFunctions(_ state: OpaquePointer) -> Bool {
        for slot in 1...64 {
            if lua_rawgeti(state, Self.registry, lua_Integer(slot)) == LUA_TUSERDATA,
                luaL_getmetafield(state, -1, "__name") != LUA_TNIL,
                String(cString: lua_tolstring(state, -1, nil)) == "room"
            {
                return luaL_getmetafield(state, -2, "__index") == LUA_TTABLE
            }
        }
        return false
    }

    private static let registry: Int32 = -1_001_000

    private static func pushGlobals(_ state: OpaquePointer) {
        lua_rawgeti(state, self.registry, lua_Integer(LUA_RIDX_GLOBALS))
    }

    /// Pushes a field of the table on top, or what it stands for where it cannot be written.
    private static func pushSealed(_ state: OpaquePointer, _ name: String) {
        lua_getfield(state, -1, name)
        guard luaL_getmetafield(state, -1, "__index") != LUA_TNIL else { return }
        if lua_type(state, -1) == LUA_TTABLE {
            lua_copy(state, -1, -2)
        }
        lua_settop(state, -2)
    }

    private static func builtinFunctions(of state: OpaquePointer) -> Set<String> {
        self.pushGlobals(state)
        var names = self.names(in: state, only: LUA_TFUNCTION)
        for library in self.libraries.subtracting(["gavel"]) {
            self.pushSealed(state, library)
            names.formUnion(self.names(in: state).map { "\(library).\($0)" })
            lua_settop(state, -2)
        }
        lua_settop(state, -2)
        return names
    }

    /// The text keys of the table on top of the stack.
    private static func names(in state: OpaquePointer, only type: Int32? = nil) -> Set<String> {
        var names: Set<String> = []
        lua_pushnil(state)
        while lua_next(state, -2) != 0 {
            let matches = type == nil || lua_type(state, -1) == type
            lua_settop(state, -2)
            if matches, lua_type(state, -1) == LUA_TSTRING {
                names.insert(String(cString: lua_tolstring(state, -1, nil)))
            }
        }
        return names
    }
}
