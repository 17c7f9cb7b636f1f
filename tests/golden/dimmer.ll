define internal i64 @p0_levels_never_fall(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 1, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = sub i64 1, %r9
  %r18 = mul i64 %r17, 2
  %r19 = add i64 60, %r18
  %r20 = load i64, ptr %before, align 8
  %r21 = lshr i64 %r20, %r19
  %r22 = and i64 %r21, 3
  %r23 = icmp sge i64 %r16, %r22
  br i1 %r23, label %b24, label %b25
b25:
  store i64 0, ptr %m2, align 8
  br label %b3
b24:
  br label %b7
b7:
  %r26 = add nsw i64 %r9, 1
  store i64 %r26, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r27 = load i64, ptr %m2, align 8
  store i64 %r27, ptr %m1, align 8
  br label %end
end:
  %r28 = load i64, ptr %m1, align 8
  %r29 = and i64 %r28, 1
  ret i64 %r29
}

define internal i1 @step_broken(ptr %state, ptr %before) nounwind {
entry:
  %m1 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  %r2 = call i64 @p0_levels_never_fall(ptr %state, ptr %before, ptr %m1, ptr null, ptr null)
  %r3 = icmp ne i64 %r2, 0
  %r4 = xor i1 %r3, true
  br i1 %r4, label %broken, label %b5
b5:
  ret i1 false
broken:
  ret i1 true
}

define internal void @action0_brighten(ptr %ctx, ptr %src) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m19 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  br label %b2
b2:
  %r6 = load i64, ptr %m1, align 8
  %r7 = icmp slt i64 %r6, 2
  br i1 %r7, label %b3, label %b5
b3:
  %r10 = sub i64 1, %r6
  %r11 = mul i64 %r10, 2
  %r12 = add i64 60, %r11
  %r13 = load i64, ptr %src, align 8
  %r14 = lshr i64 %r13, %r12
  %r15 = and i64 %r14, 3
  %r16 = icmp slt i64 %r15, 3
  %r17 = xor i1 %r16, true
  br i1 %r17, label %next8, label %b18
b18:
  %r20 = load i64, ptr %src, align 8
  store i64 %r20, ptr %m19, align 8
  %r22 = sub i64 1, %r6
  %r23 = mul i64 %r22, 2
  %r24 = add i64 60, %r23
  %r25 = load i64, ptr %m19, align 8
  %r26 = lshr i64 %r25, %r24
  %r27 = and i64 %r26, 3
  %r28 = add i64 %r27, 1
  %r29 = icmp ugt i64 %r28, 3
  br i1 %r29, label %fail9, label %b30
b30:
  %r31 = sub i64 1, %r6
  %r32 = mul i64 %r31, 2
  %r33 = add i64 60, %r32
  %r34 = shl i64 3, %r33
  %r35 = load i64, ptr %m19, align 8
  %r36 = xor i64 %r34, -1
  %r37 = and i64 %r35, %r36
  %r38 = shl i64 %r28, %r33
  %r39 = or i64 %r37, %r38
  store i64 %r39, ptr %m19, align 8
  %r40 = add i64 %r6, 1
  %r41 = load i64, ptr %m19, align 8
  %r42 = and i64 %r41, -864691128455135233
  %r43 = shl i64 %r40, 58
  %r44 = or i64 %r42, %r43
  store i64 %r44, ptr %m19, align 8
  br label %emit21
emit21:
  %r45 = call ptr @kernel_slot(ptr %ctx)
  %r46 = load i64, ptr %m19, align 8
  store i64 %r46, ptr %r45, align 8
  %r47 = call i1 @step_broken(ptr %r45, ptr %src)
  br i1 %r47, label %b48, label %b49
b48:
  call void @kernel_broken(ptr %ctx)
  br label %b49
b49:
  call void @kernel_emit(ptr %ctx, i64 0)
  br label %next8
fail9:
  call void @kernel_fail(ptr %ctx)
  br label %next8
next8:
  br label %b4
b4:
  %r50 = add nsw i64 %r6, 1
  store i64 %r50, ptr %m1, align 8
  br label %b2
b5:
  br label %out
out:
  ret void
}

define internal void @action1_turn_off(ptr %ctx, ptr %src) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m10 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  br label %b2
b2:
  %r6 = load i64, ptr %m1, align 8
  %r7 = icmp slt i64 %r6, 2
  br i1 %r7, label %b3, label %b5
b3:
  %r11 = load i64, ptr %src, align 8
  store i64 %r11, ptr %m10, align 8
  %r13 = sub i64 1, %r6
  %r14 = mul i64 %r13, 2
  %r15 = add i64 60, %r14
  %r16 = shl i64 3, %r15
  %r17 = load i64, ptr %m10, align 8
  %r18 = xor i64 %r16, -1
  %r19 = and i64 %r17, %r18
  %r20 = shl i64 0, %r15
  %r21 = or i64 %r19, %r20
  store i64 %r21, ptr %m10, align 8
  br label %emit12
emit12:
  %r22 = call ptr @kernel_slot(ptr %ctx)
  %r23 = load i64, ptr %m10, align 8
  store i64 %r23, ptr %r22, align 8
  %r24 = call i1 @step_broken(ptr %r22, ptr %src)
  br i1 %r24, label %b25, label %b26
b25:
  call void @kernel_broken(ptr %ctx)
  br label %b26
b26:
  call void @kernel_emit(ptr %ctx, i64 1)
  br label %next8
next8:
  br label %b4
b4:
  %r27 = add nsw i64 %r6, 1
  store i64 %r27, ptr %m1, align 8
  br label %b2
b5:
  br label %out
out:
  ret void
}

define void @model_expand(ptr noalias %ctx, ptr noalias %src) nounwind {
entry:
  call void @action0_brighten(ptr %ctx, ptr %src)
  call void @action1_turn_off(ptr %ctx, ptr %src)
  ret void
}

define void @model_initial(ptr %ctx, ptr %src) nounwind {
entry:
  call void @llvm.memset.p0.i64(ptr align 8 %src, i8 0, i64 8, i1 false)
  %r1 = load i64, ptr %src, align 8
  %r2 = and i64 %r1, 1152921504606846975
  store i64 %r2, ptr %src, align 8
  %r3 = load i64, ptr %src, align 8
  %r4 = and i64 %r3, -864691128455135233
  store i64 %r4, ptr %src, align 8
  %r5 = call ptr @kernel_slot(ptr %ctx)
  %r6 = load i64, ptr %src, align 8
  store i64 %r6, ptr %r5, align 8
  call void @kernel_emit(ptr %ctx, i64 0)
  br label %out
out:
  ret void
}

define internal i64 @p1_some_light_is_off(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 0, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = icmp slt i64 %r16, 3
  br i1 %r17, label %b19, label %b18
b19:
  store i64 1, ptr %m2, align 8
  br label %b3
b18:
  br label %b7
b7:
  %r20 = add nsw i64 %r9, 1
  store i64 %r20, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r21 = load i64, ptr %m2, align 8
  store i64 %r21, ptr %m1, align 8
  br label %end
end:
  %r22 = load i64, ptr %m1, align 8
  %r23 = and i64 %r22, 1
  ret i64 %r23
}

define i64 @model_judge(ptr %state) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m4 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  store i64 0, ptr %m4, align 8
  %r5 = call i64 @p1_some_light_is_off(ptr %state, ptr null, ptr %m4, ptr null, ptr null)
  %r6 = icmp ne i64 %r5, 0
  %r7 = xor i1 %r6, true
  %r8 = select i1 %r7, i64 1, i64 0
  %r9 = load i64, ptr %m1, align 8
  %r10 = or i64 %r9, %r8
  store i64 %r10, ptr %m1, align 8
  br label %b3
b3:
  %r11 = load i64, ptr %m1, align 8
  ret i64 %r11
}

define i64 @model_terminal(ptr %state) nounwind {
entry:
  ret i64 0
terminal:
  ret i64 1
}

define internal i64 @p2_one_is_bright(ptr %state, ptr %before, ptr %status, ptr %odometer, ptr %out) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m2 = alloca i64, align 8
  %m4 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %m1, i8 0, i64 8, i1 false)
  store i64 0, ptr %m2, align 8
  store i64 0, ptr %m4, align 8
  br label %b5
b5:
  %r9 = load i64, ptr %m4, align 8
  %r10 = icmp slt i64 %r9, 2
  br i1 %r10, label %b6, label %b8
b6:
  %r11 = sub i64 1, %r9
  %r12 = mul i64 %r11, 2
  %r13 = add i64 60, %r12
  %r14 = load i64, ptr %state, align 8
  %r15 = lshr i64 %r14, %r13
  %r16 = and i64 %r15, 3
  %r17 = icmp eq i64 %r16, 3
  br i1 %r17, label %b19, label %b18
b19:
  store i64 1, ptr %m2, align 8
  br label %b3
b18:
  br label %b7
b7:
  %r20 = add nsw i64 %r9, 1
  store i64 %r20, ptr %m4, align 8
  br label %b5
b8:
  br label %b3
b3:
  %r21 = load i64, ptr %m2, align 8
  store i64 %r21, ptr %m1, align 8
  br label %end
end:
  %r22 = load i64, ptr %m1, align 8
  %r23 = and i64 %r22, 1
  ret i64 %r23
}

define i64 @model_reach(ptr %state, i64 %pending) nounwind {
entry:
  %m1 = alloca i64, align 8
  %m8 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  %r2 = and i64 %pending, 1
  %r3 = icmp ne i64 %r2, 0
  br i1 %r3, label %b4, label %b5
b4:
  store i64 0, ptr %m8, align 8
  %r9 = call i64 @p2_one_is_bright(ptr %state, ptr null, ptr %m8, ptr null, ptr null)
  %r10 = icmp ne i64 %r9, 0
  %r11 = select i1 %r10, i64 1, i64 0
  %r12 = load i64, ptr %m1, align 8
  %r13 = or i64 %r12, %r11
  store i64 %r13, ptr %m1, align 8
  br label %b7
b7:
  br label %b5
b5:
  %r14 = load i64, ptr %m1, align 8
  ret i64 %r14
}

define internal i64 @key11(ptr %state, i64 %who, ptr %colours) nounwind {
entry:
  %m11 = alloca i64, align 8
  %r1 = load i64, ptr %state, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  %r4 = sub i64 1, %who
  %r5 = mul i64 %r4, 2
  %r6 = lshr i64 %r3, %r5
  %r7 = and i64 %r6, 3
  %r8 = load i64, ptr %state, align 8
  %r9 = lshr i64 %r8, 58
  %r10 = and i64 %r9, 3
  store i64 0, ptr %m11, align 8
  %r12 = icmp eq i64 %r10, 0
  %r13 = xor i1 %r12, true
  br i1 %r13, label %b14, label %b15
b14:
  %r16 = sub i64 %r10, 1
  %r17 = icmp eq i64 %r16, %who
  %r18 = zext i1 %r17 to i64
  %r19 = add i64 %r18, 1
  store i64 %r19, ptr %m11, align 8
  br label %b15
b15:
  %r20 = load i64, ptr %m11, align 8
  %r21 = mul i64 %r7, -7046029254386353131
  %r22 = add i64 %r21, %r20
  ret i64 %r22
}

define internal i64 @key12(ptr %state, i64 %who, ptr %colours) nounwind {
entry:
  %m8 = alloca i64, align 8
  %m9 = alloca i64, align 8
  %m33 = alloca i64, align 8
  %r1 = load i64, ptr %state, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  %r4 = sub i64 1, %who
  %r5 = mul i64 %r4, 2
  %r6 = lshr i64 %r3, %r5
  %r7 = and i64 %r6, 3
  store i64 0, ptr %m8, align 8
  store i64 0, ptr %m9, align 8
  br label %b10
b10:
  %r14 = load i64, ptr %m9, align 8
  %r15 = icmp slt i64 %r14, 2
  br i1 %r15, label %b11, label %b13
b11:
  %r16 = sub i64 1, %r14
  %r17 = mul i64 %r16, 2
  %r18 = lshr i64 %r3, %r17
  %r19 = and i64 %r18, 3
  %r20 = load i64, ptr %m8, align 8
  %r21 = mul i64 %r19, -2960836687051489901
  %r22 = lshr i64 %r21, 32
  %r23 = xor i64 %r21, %r22
  %r24 = mul i64 %r23, -7046029254386353131
  %r25 = add i64 %r20, %r24
  store i64 %r25, ptr %m8, align 8
  br label %b12
b12:
  %r26 = add nsw i64 %r14, 1
  store i64 %r26, ptr %m9, align 8
  br label %b10
b13:
  %r27 = load i64, ptr %m8, align 8
  %r28 = mul i64 %r7, -7046029254386353131
  %r29 = add i64 %r28, %r27
  %r30 = load i64, ptr %state, align 8
  %r31 = lshr i64 %r30, 58
  %r32 = and i64 %r31, 3
  store i64 0, ptr %m33, align 8
  %r34 = icmp eq i64 %r32, 0
  %r35 = xor i1 %r34, true
  br i1 %r35, label %b36, label %b37
b36:
  %r38 = sub i64 %r32, 1
  %r39 = icmp eq i64 %r38, %who
  %r40 = zext i1 %r39 to i64
  %r41 = add i64 %r40, 1
  store i64 %r41, ptr %m33, align 8
  br label %b37
b37:
  %r42 = load i64, ptr %m33, align 8
  %r43 = mul i64 %r29, -7046029254386353131
  %r44 = add i64 %r43, %r42
  ret i64 %r44
}

define internal i64 @key13(ptr %state, i64 %who, ptr %colours) nounwind {
entry:
  %m8 = alloca i64, align 8
  %m9 = alloca i64, align 8
  %m38 = alloca i64, align 8
  %r1 = load i64, ptr %state, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  %r4 = sub i64 1, %who
  %r5 = mul i64 %r4, 2
  %r6 = lshr i64 %r3, %r5
  %r7 = and i64 %r6, 3
  store i64 0, ptr %m8, align 8
  store i64 0, ptr %m9, align 8
  br label %b10
b10:
  %r14 = load i64, ptr %m9, align 8
  %r15 = icmp slt i64 %r14, 2
  br i1 %r15, label %b11, label %b13
b11:
  %r16 = sub i64 1, %r14
  %r17 = mul i64 %r16, 2
  %r18 = lshr i64 %r3, %r17
  %r19 = and i64 %r18, 3
  %r20 = load i64, ptr %m8, align 8
  %r21 = getelementptr inbounds i64, ptr %colours, i64 %r14
  %r22 = load i64, ptr %r21, align 8
  %r23 = mul i64 %r22, 2
  %r24 = mul i64 %r19, -7046029254386353131
  %r25 = add i64 %r24, %r23
  %r26 = mul i64 %r25, -2960836687051489901
  %r27 = lshr i64 %r26, 32
  %r28 = xor i64 %r26, %r27
  %r29 = mul i64 %r28, -7046029254386353131
  %r30 = add i64 %r20, %r29
  store i64 %r30, ptr %m8, align 8
  br label %b12
b12:
  %r31 = add nsw i64 %r14, 1
  store i64 %r31, ptr %m9, align 8
  br label %b10
b13:
  %r32 = load i64, ptr %m8, align 8
  %r33 = mul i64 %r7, -7046029254386353131
  %r34 = add i64 %r33, %r32
  %r35 = load i64, ptr %state, align 8
  %r36 = lshr i64 %r35, 58
  %r37 = and i64 %r36, 3
  store i64 0, ptr %m38, align 8
  %r39 = icmp eq i64 %r37, 0
  %r40 = xor i1 %r39, true
  br i1 %r40, label %b41, label %b42
b41:
  %r43 = sub i64 %r37, 1
  %r44 = icmp eq i64 %r43, %who
  %r45 = zext i1 %r44 to i64
  %r46 = getelementptr inbounds i64, ptr %colours, i64 %r43
  %r47 = load i64, ptr %r46, align 8
  %r48 = mul i64 %r47, 2
  %r49 = add i64 %r48, %r45
  %r50 = add i64 %r49, 1
  store i64 %r50, ptr %m38, align 8
  br label %b42
b42:
  %r51 = load i64, ptr %m38, align 8
  %r52 = mul i64 %r34, -7046029254386353131
  %r53 = add i64 %r52, %r51
  ret i64 %r53
}

define internal void @symmetry_keys(ptr %state, ptr %colours, ptr %keys) nounwind {
entry:
  %m1 = alloca i64, align 8
  store i64 0, ptr %m1, align 8
  br label %b2
b2:
  %r6 = load i64, ptr %m1, align 8
  %r7 = icmp slt i64 %r6, 2
  br i1 %r7, label %b3, label %b5
b3:
  %r8 = call i64 @key13(ptr %state, i64 %r6, ptr %colours)
  %r9 = getelementptr inbounds i64, ptr %keys, i64 %r6
  store i64 %r8, ptr %r9, align 8
  br label %b4
b4:
  %r10 = add nsw i64 %r6, 1
  store i64 %r10, ptr %m1, align 8
  br label %b2
b5:
  ret void
}

declare ptr @malloc(i64)
declare void @free(ptr)
define internal void @_symmetry_sort(ptr %keys.in, ptr %order.in, ptr %blocks.in, i64 %start.in, i64 %size.in) alwaysinline nounwind {
  %keys.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %start.slot = alloca i64
  %size.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %keys.in, ptr %keys.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %start.in, ptr %start.slot
  store i64 %size.in, ptr %size.slot
  %r1 = load i64, ptr %start.slot
  %r2 = load i64, ptr %start.slot
  %r3 = load i64, ptr %size.slot
  %r4 = add i64 %r2, %r3
  store i64 %r1, ptr %k.slot
  br label %for5
for5:
  %r6 = load i64, ptr %k.slot
  %r7 = icmp ult i64 %r6, %r4
  br i1 %r7, label %body5, label %end5
body5:
  %r8 = load i64, ptr %k.slot
  %r9 = load ptr, ptr %order.slot
  %r10 = load i64, ptr %k.slot
  %r11 = getelementptr i64, ptr %r9, i64 %r10
  store i64 %r8, ptr %r11
  %r12 = load i64, ptr %start.slot
  %r13 = load ptr, ptr %blocks.slot
  %r14 = load i64, ptr %k.slot
  %r15 = getelementptr i64, ptr %r13, i64 %r14
  store i64 %r12, ptr %r15
  br label %step5
step5:
  %r16 = load i64, ptr %k.slot
  %r17 = add i64 %r16, 1
  store i64 %r17, ptr %k.slot
  br label %for5
end5:
  %r18 = load ptr, ptr %keys.slot
  %r19 = load ptr, ptr %order.slot
  %r20 = load ptr, ptr %blocks.slot
  %r21 = load i64, ptr %start.slot
  %r22 = load i64, ptr %start.slot
  %r23 = load i64, ptr %size.slot
  %r24 = add i64 %r22, %r23
  call void @_symmetry_split(ptr %r18, ptr %r19, ptr %r20, i64 %r21, i64 %r24)
  ret void
}

define internal void @_symmetry_split(ptr %keys.in, ptr %order.in, ptr %blocks.in, i64 %start.in, i64 %end.in) alwaysinline nounwind {
  %keys.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %k.slot = alloca i64
  %who.slot = alloca i64
  %place.slot = alloca i64
  %truth13.slot = alloca i1
  br label %start
start:
  store ptr %keys.in, ptr %keys.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %start.in, ptr %start.slot
  store i64 %end.in, ptr %end.slot
  %r1 = load i64, ptr %start.slot
  %r2 = add i64 %r1, 1
  %r3 = load i64, ptr %end.slot
  store i64 %r2, ptr %k.slot
  br label %for4
for4:
  %r5 = load i64, ptr %k.slot
  %r6 = icmp ult i64 %r5, %r3
  br i1 %r6, label %body4, label %end4
body4:
  %r7 = load ptr, ptr %order.slot
  %r8 = load i64, ptr %k.slot
  %r9 = getelementptr i64, ptr %r7, i64 %r8
  %r10 = load i64, ptr %r9
  store i64 %r10, ptr %who.slot
  %r11 = load i64, ptr %k.slot
  store i64 %r11, ptr %place.slot
  br label %while12
while12:
  %r15 = load i64, ptr %place.slot
  %r16 = load i64, ptr %start.slot
  %r17 = icmp ugt i64 %r15, %r16
  store i1 %r17, ptr %truth13.slot
  br i1 %r17, label %more18, label %decided14
more18:
  %r19 = load ptr, ptr %keys.slot
  %r20 = load ptr, ptr %order.slot
  %r21 = load i64, ptr %place.slot
  %r22 = sub i64 %r21, 1
  %r23 = getelementptr i64, ptr %r20, i64 %r22
  %r24 = load i64, ptr %r23
  %r25 = getelementptr i64, ptr %r19, i64 %r24
  %r26 = load i64, ptr %r25
  %r27 = load ptr, ptr %keys.slot
  %r28 = load i64, ptr %who.slot
  %r29 = getelementptr i64, ptr %r27, i64 %r28
  %r30 = load i64, ptr %r29
  %r31 = icmp ugt i64 %r26, %r30
  store i1 %r31, ptr %truth13.slot
  br i1 %r31, label %more32, label %decided14
more32:
  br label %decided14
decided14:
  %r33 = load i1, ptr %truth13.slot
  br i1 %r33, label %body12, label %end12
body12:
  %r34 = load ptr, ptr %order.slot
  %r35 = load i64, ptr %place.slot
  %r36 = sub i64 %r35, 1
  %r37 = getelementptr i64, ptr %r34, i64 %r36
  %r38 = load i64, ptr %r37
  %r39 = load ptr, ptr %order.slot
  %r40 = load i64, ptr %place.slot
  %r41 = getelementptr i64, ptr %r39, i64 %r40
  store i64 %r38, ptr %r41
  %r42 = load i64, ptr %place.slot
  %r43 = sub i64 %r42, 1
  store i64 %r43, ptr %place.slot
  br label %while12
end12:
  %r44 = load i64, ptr %who.slot
  %r45 = load ptr, ptr %order.slot
  %r46 = load i64, ptr %place.slot
  %r47 = getelementptr i64, ptr %r45, i64 %r46
  store i64 %r44, ptr %r47
  br label %step4
step4:
  %r48 = load i64, ptr %k.slot
  %r49 = add i64 %r48, 1
  store i64 %r49, ptr %k.slot
  br label %for4
end4:
  %r50 = load i64, ptr %start.slot
  %r51 = add i64 %r50, 1
  %r52 = load i64, ptr %end.slot
  store i64 %r51, ptr %k.slot
  br label %for53
for53:
  %r54 = load i64, ptr %k.slot
  %r55 = icmp ult i64 %r54, %r52
  br i1 %r55, label %body53, label %end53
body53:
  %r57 = load ptr, ptr %keys.slot
  %r58 = load ptr, ptr %order.slot
  %r59 = load i64, ptr %k.slot
  %r60 = getelementptr i64, ptr %r58, i64 %r59
  %r61 = load i64, ptr %r60
  %r62 = getelementptr i64, ptr %r57, i64 %r61
  %r63 = load i64, ptr %r62
  %r64 = load ptr, ptr %keys.slot
  %r65 = load ptr, ptr %order.slot
  %r66 = load i64, ptr %k.slot
  %r67 = sub i64 %r66, 1
  %r68 = getelementptr i64, ptr %r65, i64 %r67
  %r69 = load i64, ptr %r68
  %r70 = getelementptr i64, ptr %r64, i64 %r69
  %r71 = load i64, ptr %r70
  %r72 = icmp eq i64 %r63, %r71
  br i1 %r72, label %then56, label %else56
then56:
  %r73 = load ptr, ptr %blocks.slot
  %r74 = load i64, ptr %k.slot
  %r75 = sub i64 %r74, 1
  %r76 = getelementptr i64, ptr %r73, i64 %r75
  %r77 = load i64, ptr %r76
  %r78 = load ptr, ptr %blocks.slot
  %r79 = load i64, ptr %k.slot
  %r80 = getelementptr i64, ptr %r78, i64 %r79
  store i64 %r77, ptr %r80
  br label %join56
else56:
  %r81 = load i64, ptr %k.slot
  %r82 = load ptr, ptr %blocks.slot
  %r83 = load i64, ptr %k.slot
  %r84 = getelementptr i64, ptr %r82, i64 %r83
  store i64 %r81, ptr %r84
  br label %join56
join56:
  br label %step53
step53:
  %r85 = load i64, ptr %k.slot
  %r86 = add i64 %r85, 1
  store i64 %r86, ptr %k.slot
  br label %for53
end53:
  ret void
}

define internal i64 @_symmetry_ways(ptr %blocks.in) alwaysinline nounwind {
  %blocks.slot = alloca ptr
  %ways.slot = alloca i64
  %run.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %blocks.in, ptr %blocks.slot
  store i64 1, ptr %ways.slot
  store i64 1, ptr %run.slot
  store i64 0, ptr %k.slot
  br label %for1
for1:
  %r2 = load i64, ptr %k.slot
  %r3 = icmp ult i64 %r2, 2
  br i1 %r3, label %body1, label %end1
body1:
  %r5 = load ptr, ptr %blocks.slot
  %r6 = load i64, ptr %k.slot
  %r7 = getelementptr i64, ptr %r5, i64 %r6
  %r8 = load i64, ptr %r7
  %r9 = load i64, ptr %k.slot
  %r10 = icmp eq i64 %r8, %r9
  br i1 %r10, label %then4, label %else4
then4:
  store i64 1, ptr %run.slot
  br label %join4
else4:
  %r11 = load i64, ptr %run.slot
  %r12 = add i64 %r11, 1
  store i64 %r12, ptr %run.slot
  %r13 = load i64, ptr %ways.slot
  %r14 = load i64, ptr %run.slot
  %r15 = mul i64 %r13, %r14
  store i64 %r15, ptr %ways.slot
  %r17 = load i64, ptr %ways.slot
  %r18 = icmp ugt i64 %r17, 24
  br i1 %r18, label %then16, label %else16
then16:
  %r19 = load i64, ptr %ways.slot
  ret i64 %r19
else16:
  br label %join16
join16:
  br label %join4
join4:
  br label %step1
step1:
  %r20 = load i64, ptr %k.slot
  %r21 = add i64 %r20, 1
  store i64 %r21, ptr %k.slot
  br label %for1
end1:
  %r22 = load i64, ptr %ways.slot
  ret i64 %r22
}

define internal i64 @_symmetry_end(ptr %blocks.in, i64 %start.in) alwaysinline nounwind {
  %blocks.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %truth4.slot = alloca i1
  br label %start
start:
  store ptr %blocks.in, ptr %blocks.slot
  store i64 %start.in, ptr %start.slot
  %r1 = load i64, ptr %start.slot
  %r2 = add i64 %r1, 1
  store i64 %r2, ptr %end.slot
  br label %while3
while3:
  %r6 = load i64, ptr %end.slot
  %r7 = icmp ult i64 %r6, 2
  store i1 %r7, ptr %truth4.slot
  br i1 %r7, label %more8, label %decided5
more8:
  %r9 = load ptr, ptr %blocks.slot
  %r10 = load i64, ptr %end.slot
  %r11 = getelementptr i64, ptr %r9, i64 %r10
  %r12 = load i64, ptr %r11
  %r13 = load i64, ptr %start.slot
  %r14 = icmp eq i64 %r12, %r13
  store i1 %r14, ptr %truth4.slot
  br i1 %r14, label %more15, label %decided5
more15:
  br label %decided5
decided5:
  %r16 = load i1, ptr %truth4.slot
  br i1 %r16, label %body3, label %end3
body3:
  %r17 = load i64, ptr %end.slot
  %r18 = add i64 %r17, 1
  store i64 %r18, ptr %end.slot
  br label %while3
end3:
  %r19 = load i64, ptr %end.slot
  ret i64 %r19
}

define internal i64 @_symmetry_keeps(ptr %state.in, ptr %maps.in, ptr %image.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %maps.slot = alloca ptr
  %image.slot = alloca ptr
  %differ.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %maps.in, ptr %maps.slot
  store ptr %image.in, ptr %image.slot
  %r1 = load ptr, ptr %image.slot
  %r2 = load ptr, ptr %state.slot
  %r3 = load ptr, ptr %maps.slot
  call void @rename(ptr %r1, ptr %r2, ptr %r3)
  store i64 0, ptr %differ.slot
  store i64 0, ptr %k.slot
  br label %for4
for4:
  %r5 = load i64, ptr %k.slot
  %r6 = icmp ult i64 %r5, 1
  br i1 %r6, label %body4, label %end4
body4:
  %r7 = load i64, ptr %differ.slot
  %r8 = load ptr, ptr %image.slot
  %r9 = load i64, ptr %k.slot
  %r10 = getelementptr i64, ptr %r8, i64 %r9
  %r11 = load i64, ptr %r10
  %r12 = load ptr, ptr %state.slot
  %r13 = load i64, ptr %k.slot
  %r14 = getelementptr i64, ptr %r12, i64 %r13
  %r15 = load i64, ptr %r14
  %r16 = xor i64 %r11, %r15
  %r17 = or i64 %r7, %r16
  store i64 %r17, ptr %differ.slot
  br label %step4
step4:
  %r18 = load i64, ptr %k.slot
  %r19 = add i64 %r18, 1
  store i64 %r19, ptr %k.slot
  br label %for4
end4:
  %r20 = load i64, ptr %differ.slot
  %r21 = icmp eq i64 %r20, 0
  %r22 = zext i1 %r21 to i64
  ret i64 %r22
}

define internal i64 @_symmetry_free(ptr %state.in, ptr %order.in, i64 %start.in, i64 %end.in, ptr %own.in, ptr %maps.in, ptr %image.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %order.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %own.slot = alloca ptr
  %maps.slot = alloca ptr
  %image.slot = alloca ptr
  %k.slot = alloca i64
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %order.in, ptr %order.slot
  store i64 %start.in, ptr %start.slot
  store i64 %end.in, ptr %end.slot
  store ptr %own.in, ptr %own.slot
  store ptr %maps.in, ptr %maps.slot
  store ptr %image.in, ptr %image.slot
  store i64 0, ptr %k.slot
  br label %for1
for1:
  %r2 = load i64, ptr %k.slot
  %r3 = icmp ult i64 %r2, 2
  br i1 %r3, label %body1, label %end1
body1:
  %r4 = load ptr, ptr %own.slot
  %r5 = load i64, ptr %k.slot
  %r6 = getelementptr i64, ptr %r4, i64 %r5
  %r7 = load i64, ptr %r6
  %r8 = load ptr, ptr %maps.slot
  %r9 = load i64, ptr %k.slot
  %r10 = getelementptr i64, ptr %r8, i64 %r9
  store i64 %r7, ptr %r10
  br label %step1
step1:
  %r11 = load i64, ptr %k.slot
  %r12 = add i64 %r11, 1
  store i64 %r12, ptr %k.slot
  br label %for1
end1:
  %r13 = load ptr, ptr %own.slot
  %r14 = load ptr, ptr %order.slot
  %r15 = load i64, ptr %start.slot
  %r16 = add i64 %r15, 1
  %r17 = getelementptr i64, ptr %r14, i64 %r16
  %r18 = load i64, ptr %r17
  %r19 = getelementptr i64, ptr %r13, i64 %r18
  %r20 = load i64, ptr %r19
  %r21 = load ptr, ptr %maps.slot
  %r22 = load ptr, ptr %order.slot
  %r23 = load i64, ptr %start.slot
  %r24 = getelementptr i64, ptr %r22, i64 %r23
  %r25 = load i64, ptr %r24
  %r26 = getelementptr i64, ptr %r21, i64 %r25
  store i64 %r20, ptr %r26
  %r27 = load ptr, ptr %own.slot
  %r28 = load ptr, ptr %order.slot
  %r29 = load i64, ptr %start.slot
  %r30 = getelementptr i64, ptr %r28, i64 %r29
  %r31 = load i64, ptr %r30
  %r32 = getelementptr i64, ptr %r27, i64 %r31
  %r33 = load i64, ptr %r32
  %r34 = load ptr, ptr %maps.slot
  %r35 = load ptr, ptr %order.slot
  %r36 = load i64, ptr %start.slot
  %r37 = add i64 %r36, 1
  %r38 = getelementptr i64, ptr %r35, i64 %r37
  %r39 = load i64, ptr %r38
  %r40 = getelementptr i64, ptr %r34, i64 %r39
  store i64 %r33, ptr %r40
  %r42 = load ptr, ptr %state.slot
  %r43 = load ptr, ptr %maps.slot
  %r44 = load ptr, ptr %image.slot
  %r45 = call i64 @_symmetry_keeps(ptr %r42, ptr %r43, ptr %r44)
  %r46 = icmp eq i64 %r45, 0
  br i1 %r46, label %then41, label %else41
then41:
  ret i64 0
else41:
  br label %join41
join41:
  %r47 = load ptr, ptr %own.slot
  %r48 = load ptr, ptr %order.slot
  %r49 = load i64, ptr %start.slot
  %r50 = getelementptr i64, ptr %r48, i64 %r49
  %r51 = load i64, ptr %r50
  %r52 = getelementptr i64, ptr %r47, i64 %r51
  %r53 = load i64, ptr %r52
  %r54 = load ptr, ptr %maps.slot
  %r55 = load ptr, ptr %order.slot
  %r56 = load i64, ptr %end.slot
  %r57 = sub i64 %r56, 1
  %r58 = getelementptr i64, ptr %r55, i64 %r57
  %r59 = load i64, ptr %r58
  %r60 = getelementptr i64, ptr %r54, i64 %r59
  store i64 %r53, ptr %r60
  %r61 = load i64, ptr %start.slot
  %r62 = add i64 %r61, 1
  %r63 = load i64, ptr %end.slot
  store i64 %r62, ptr %k.slot
  br label %for64
for64:
  %r65 = load i64, ptr %k.slot
  %r66 = icmp ult i64 %r65, %r63
  br i1 %r66, label %body64, label %end64
body64:
  %r67 = load ptr, ptr %own.slot
  %r68 = load ptr, ptr %order.slot
  %r69 = load i64, ptr %k.slot
  %r70 = getelementptr i64, ptr %r68, i64 %r69
  %r71 = load i64, ptr %r70
  %r72 = getelementptr i64, ptr %r67, i64 %r71
  %r73 = load i64, ptr %r72
  %r74 = load ptr, ptr %maps.slot
  %r75 = load ptr, ptr %order.slot
  %r76 = load i64, ptr %k.slot
  %r77 = sub i64 %r76, 1
  %r78 = getelementptr i64, ptr %r75, i64 %r77
  %r79 = load i64, ptr %r78
  %r80 = getelementptr i64, ptr %r74, i64 %r79
  store i64 %r73, ptr %r80
  br label %step64
step64:
  %r81 = load i64, ptr %k.slot
  %r82 = add i64 %r81, 1
  store i64 %r82, ptr %k.slot
  br label %for64
end64:
  %r83 = load ptr, ptr %state.slot
  %r84 = load ptr, ptr %maps.slot
  %r85 = load ptr, ptr %image.slot
  %r86 = call i64 @_symmetry_keeps(ptr %r83, ptr %r84, ptr %r85)
  ret i64 %r86
}

define void @symmetry_settle(ptr %state.in, ptr %order.in, ptr %blocks.in, ptr %own.in, ptr %maps.in, ptr %image.in) noinline nounwind {
  %state.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %own.slot = alloca ptr
  %maps.slot = alloca ptr
  %image.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %truth8.slot = alloca i1
  %k.slot = alloca i64
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store ptr %own.in, ptr %own.slot
  store ptr %maps.in, ptr %maps.slot
  store ptr %image.in, ptr %image.slot
  store i64 0, ptr %start.slot
  br label %while1
while1:
  %r2 = load i64, ptr %start.slot
  %r3 = icmp ult i64 %r2, 2
  br i1 %r3, label %body1, label %end1
body1:
  %r4 = load ptr, ptr %blocks.slot
  %r5 = load i64, ptr %start.slot
  %r6 = call i64 @_symmetry_end(ptr %r4, i64 %r5)
  store i64 %r6, ptr %end.slot
  %r10 = load i64, ptr %end.slot
  %r11 = load i64, ptr %start.slot
  %r12 = sub i64 %r10, %r11
  %r13 = icmp ugt i64 %r12, 1
  store i1 %r13, ptr %truth8.slot
  br i1 %r13, label %more14, label %decided9
more14:
  %r15 = load ptr, ptr %state.slot
  %r16 = load ptr, ptr %order.slot
  %r17 = load i64, ptr %start.slot
  %r18 = load i64, ptr %end.slot
  %r19 = load ptr, ptr %own.slot
  %r20 = load ptr, ptr %maps.slot
  %r21 = load ptr, ptr %image.slot
  %r22 = call i64 @_symmetry_free(ptr %r15, ptr %r16, i64 %r17, i64 %r18, ptr %r19, ptr %r20, ptr %r21)
  %r23 = icmp ne i64 %r22, 0
  store i1 %r23, ptr %truth8.slot
  br i1 %r23, label %more24, label %decided9
more24:
  br label %decided9
decided9:
  %r25 = load i1, ptr %truth8.slot
  br i1 %r25, label %then7, label %else7
then7:
  %r26 = load i64, ptr %start.slot
  %r27 = load i64, ptr %end.slot
  store i64 %r26, ptr %k.slot
  br label %for28
for28:
  %r29 = load i64, ptr %k.slot
  %r30 = icmp ult i64 %r29, %r27
  br i1 %r30, label %body28, label %end28
body28:
  %r31 = load i64, ptr %k.slot
  %r32 = load ptr, ptr %blocks.slot
  %r33 = load i64, ptr %k.slot
  %r34 = getelementptr i64, ptr %r32, i64 %r33
  store i64 %r31, ptr %r34
  br label %step28
step28:
  %r35 = load i64, ptr %k.slot
  %r36 = add i64 %r35, 1
  store i64 %r36, ptr %k.slot
  br label %for28
end28:
  br label %join7
else7:
  br label %join7
join7:
  %r37 = load i64, ptr %end.slot
  store i64 %r37, ptr %start.slot
  br label %while1
end1:
  ret void
}

define internal void @_symmetry_maps(ptr %order.in, ptr %maps.in, i64 %start.in, i64 %size.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %maps.slot = alloca ptr
  %start.slot = alloca i64
  %size.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store ptr %maps.in, ptr %maps.slot
  store i64 %start.in, ptr %start.slot
  store i64 %size.in, ptr %size.slot
  %r1 = load i64, ptr %start.slot
  %r2 = load i64, ptr %start.slot
  %r3 = load i64, ptr %size.slot
  %r4 = add i64 %r2, %r3
  store i64 %r1, ptr %k.slot
  br label %for5
for5:
  %r6 = load i64, ptr %k.slot
  %r7 = icmp ult i64 %r6, %r4
  br i1 %r7, label %body5, label %end5
body5:
  %r8 = load i64, ptr %k.slot
  %r9 = load i64, ptr %start.slot
  %r10 = sub i64 %r8, %r9
  %r11 = load ptr, ptr %maps.slot
  %r12 = load ptr, ptr %order.slot
  %r13 = load i64, ptr %k.slot
  %r14 = getelementptr i64, ptr %r12, i64 %r13
  %r15 = load i64, ptr %r14
  %r16 = getelementptr i64, ptr %r11, i64 %r15
  store i64 %r10, ptr %r16
  br label %step5
step5:
  %r17 = load i64, ptr %k.slot
  %r18 = add i64 %r17, 1
  store i64 %r18, ptr %k.slot
  br label %for5
end5:
  ret void
}

define internal i64 @_symmetry_step(ptr %order.in, i64 %start.in, i64 %end.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %start.slot = alloca i64
  %end.slot = alloca i64
  %i.slot = alloca i64
  %truth4.slot = alloca i1
  %found.slot = alloca i64
  %j.slot = alloca i64
  %kept.slot = alloca i64
  %low.slot = alloca i64
  %high.slot = alloca i64
  %other.slot = alloca i64
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store i64 %start.in, ptr %start.slot
  store i64 %end.in, ptr %end.slot
  %r1 = load i64, ptr %end.slot
  %r2 = sub i64 %r1, 1
  store i64 %r2, ptr %i.slot
  br label %while3
while3:
  %r6 = load i64, ptr %i.slot
  %r7 = load i64, ptr %start.slot
  %r8 = icmp ugt i64 %r6, %r7
  store i1 %r8, ptr %truth4.slot
  br i1 %r8, label %more9, label %decided5
more9:
  %r10 = load ptr, ptr %order.slot
  %r11 = load i64, ptr %i.slot
  %r12 = sub i64 %r11, 1
  %r13 = getelementptr i64, ptr %r10, i64 %r12
  %r14 = load i64, ptr %r13
  %r15 = load ptr, ptr %order.slot
  %r16 = load i64, ptr %i.slot
  %r17 = getelementptr i64, ptr %r15, i64 %r16
  %r18 = load i64, ptr %r17
  %r19 = icmp ugt i64 %r14, %r18
  store i1 %r19, ptr %truth4.slot
  br i1 %r19, label %more20, label %decided5
more20:
  br label %decided5
decided5:
  %r21 = load i1, ptr %truth4.slot
  br i1 %r21, label %body3, label %end3
body3:
  %r22 = load i64, ptr %i.slot
  %r23 = sub i64 %r22, 1
  store i64 %r23, ptr %i.slot
  br label %while3
end3:
  store i64 0, ptr %found.slot
  %r25 = load i64, ptr %i.slot
  %r26 = load i64, ptr %start.slot
  %r27 = icmp ugt i64 %r25, %r26
  br i1 %r27, label %then24, label %else24
then24:
  %r28 = load i64, ptr %end.slot
  %r29 = sub i64 %r28, 1
  store i64 %r29, ptr %j.slot
  br label %while30
while30:
  %r31 = load ptr, ptr %order.slot
  %r32 = load i64, ptr %j.slot
  %r33 = getelementptr i64, ptr %r31, i64 %r32
  %r34 = load i64, ptr %r33
  %r35 = load ptr, ptr %order.slot
  %r36 = load i64, ptr %i.slot
  %r37 = sub i64 %r36, 1
  %r38 = getelementptr i64, ptr %r35, i64 %r37
  %r39 = load i64, ptr %r38
  %r40 = icmp ult i64 %r34, %r39
  br i1 %r40, label %body30, label %end30
body30:
  %r41 = load i64, ptr %j.slot
  %r42 = sub i64 %r41, 1
  store i64 %r42, ptr %j.slot
  br label %while30
end30:
  %r43 = load ptr, ptr %order.slot
  %r44 = load i64, ptr %j.slot
  %r45 = getelementptr i64, ptr %r43, i64 %r44
  %r46 = load i64, ptr %r45
  store i64 %r46, ptr %kept.slot
  %r47 = load ptr, ptr %order.slot
  %r48 = load i64, ptr %i.slot
  %r49 = sub i64 %r48, 1
  %r50 = getelementptr i64, ptr %r47, i64 %r49
  %r51 = load i64, ptr %r50
  %r52 = load ptr, ptr %order.slot
  %r53 = load i64, ptr %j.slot
  %r54 = getelementptr i64, ptr %r52, i64 %r53
  store i64 %r51, ptr %r54
  %r55 = load i64, ptr %kept.slot
  %r56 = load ptr, ptr %order.slot
  %r57 = load i64, ptr %i.slot
  %r58 = sub i64 %r57, 1
  %r59 = getelementptr i64, ptr %r56, i64 %r58
  store i64 %r55, ptr %r59
  store i64 1, ptr %found.slot
  br label %join24
else24:
  br label %join24
join24:
  %r60 = load i64, ptr %i.slot
  store i64 %r60, ptr %low.slot
  %r61 = load i64, ptr %end.slot
  %r62 = sub i64 %r61, 1
  store i64 %r62, ptr %high.slot
  br label %while63
while63:
  %r64 = load i64, ptr %low.slot
  %r65 = load i64, ptr %high.slot
  %r66 = icmp ult i64 %r64, %r65
  br i1 %r66, label %body63, label %end63
body63:
  %r67 = load ptr, ptr %order.slot
  %r68 = load i64, ptr %low.slot
  %r69 = getelementptr i64, ptr %r67, i64 %r68
  %r70 = load i64, ptr %r69
  store i64 %r70, ptr %other.slot
  %r71 = load ptr, ptr %order.slot
  %r72 = load i64, ptr %high.slot
  %r73 = getelementptr i64, ptr %r71, i64 %r72
  %r74 = load i64, ptr %r73
  %r75 = load ptr, ptr %order.slot
  %r76 = load i64, ptr %low.slot
  %r77 = getelementptr i64, ptr %r75, i64 %r76
  store i64 %r74, ptr %r77
  %r78 = load i64, ptr %other.slot
  %r79 = load ptr, ptr %order.slot
  %r80 = load i64, ptr %high.slot
  %r81 = getelementptr i64, ptr %r79, i64 %r80
  store i64 %r78, ptr %r81
  %r82 = load i64, ptr %low.slot
  %r83 = add i64 %r82, 1
  store i64 %r83, ptr %low.slot
  %r84 = load i64, ptr %high.slot
  %r85 = sub i64 %r84, 1
  store i64 %r85, ptr %high.slot
  br label %while63
end63:
  %r86 = load i64, ptr %found.slot
  ret i64 %r86
}

define internal i64 @_symmetry_next(ptr %order.in, ptr %blocks.in) alwaysinline nounwind {
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %end.slot = alloca i64
  %start.slot = alloca i64
  %truth10.slot = alloca i1
  br label %start
start:
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store i64 2, ptr %end.slot
  br label %while1
while1:
  %r2 = load i64, ptr %end.slot
  %r3 = icmp ugt i64 %r2, 0
  br i1 %r3, label %body1, label %end1
body1:
  %r4 = load ptr, ptr %blocks.slot
  %r5 = load i64, ptr %end.slot
  %r6 = sub i64 %r5, 1
  %r7 = getelementptr i64, ptr %r4, i64 %r6
  %r8 = load i64, ptr %r7
  store i64 %r8, ptr %start.slot
  %r12 = load i64, ptr %end.slot
  %r13 = load i64, ptr %start.slot
  %r14 = sub i64 %r12, %r13
  %r15 = icmp ugt i64 %r14, 1
  store i1 %r15, ptr %truth10.slot
  br i1 %r15, label %more16, label %decided11
more16:
  %r17 = load ptr, ptr %order.slot
  %r18 = load i64, ptr %start.slot
  %r19 = load i64, ptr %end.slot
  %r20 = call i64 @_symmetry_step(ptr %r17, i64 %r18, i64 %r19)
  %r21 = icmp eq i64 %r20, 1
  store i1 %r21, ptr %truth10.slot
  br i1 %r21, label %more22, label %decided11
more22:
  br label %decided11
decided11:
  %r23 = load i1, ptr %truth10.slot
  br i1 %r23, label %then9, label %else9
then9:
  ret i64 1
else9:
  br label %join9
join9:
  %r24 = load i64, ptr %start.slot
  store i64 %r24, ptr %end.slot
  br label %while1
end1:
  ret i64 0
}

define i64 @symmetry_search(ptr %state.in, ptr %room.in, ptr %order.in, ptr %blocks.in, ptr %own.in, ptr %bases.in) noinline nounwind {
  %state.slot = alloca ptr
  %room.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %own.slot = alloca ptr
  %bases.slot = alloca ptr
  %frame.slot = alloca ptr
  %level.slot = alloca i64
  %leaves.slot = alloca i64
  %truth26.slot = alloca i1
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %room.in, ptr %room.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store ptr %own.in, ptr %own.slot
  store ptr %bases.in, ptr %bases.slot
  %r1 = load ptr, ptr %room.slot
  %r2 = getelementptr i64, ptr %r1, i64 25
  store ptr %r2, ptr %frame.slot
  %r3 = load ptr, ptr %frame.slot
  %r4 = load ptr, ptr %order.slot
  call void @_symmetry_copy(ptr %r3, ptr %r4, i64 2)
  %r5 = load ptr, ptr %frame.slot
  %r6 = getelementptr i64, ptr %r5, i64 2
  %r7 = load ptr, ptr %blocks.slot
  call void @_symmetry_copy(ptr %r6, ptr %r7, i64 2)
  store i64 0, ptr %level.slot
  store i64 0, ptr %leaves.slot
  br label %while8
while8:
  br i1 true, label %body8, label %end8
body8:
  %r10 = load ptr, ptr %state.slot
  %r11 = load ptr, ptr %room.slot
  %r12 = load ptr, ptr %own.slot
  %r13 = load i64, ptr %level.slot
  %r14 = call i64 @_symmetry_enter(ptr %r10, ptr %r11, ptr %r12, i64 %r13)
  %r15 = icmp ne i64 %r14, 0
  br i1 %r15, label %then9, label %else9
then9:
  %r16 = load i64, ptr %level.slot
  %r17 = add i64 %r16, 1
  store i64 %r17, ptr %level.slot
  br label %while8
else9:
  br label %join9
join9:
  %r19 = load ptr, ptr %room.slot
  %r20 = getelementptr i64, ptr %r19, i64 0
  %r21 = load i64, ptr %r20
  %r22 = icmp eq i64 %r21, 0
  br i1 %r22, label %then18, label %else18
then18:
  %r23 = load i64, ptr %leaves.slot
  %r24 = add i64 %r23, 1
  store i64 %r24, ptr %leaves.slot
  %r28 = load i64, ptr %leaves.slot
  %r29 = icmp ugt i64 %r28, 5000
  store i1 %r29, ptr %truth26.slot
  br i1 %r29, label %decided27, label %more30
more30:
  %r31 = load atomic i64, ptr @planespec_stop monotonic, align 8
  %r32 = icmp ne i64 %r31, 0
  store i1 %r32, ptr %truth26.slot
  br i1 %r32, label %decided27, label %more33
more33:
  br label %decided27
decided27:
  %r34 = load i1, ptr %truth26.slot
  br i1 %r34, label %then25, label %else25
then25:
  ret i64 1
else25:
  br label %join25
join25:
  %r35 = load ptr, ptr %state.slot
  %r36 = load ptr, ptr %room.slot
  %r37 = load ptr, ptr %bases.slot
  %r38 = load i64, ptr %level.slot
  %r39 = load i64, ptr %leaves.slot
  %r40 = call i64 @_symmetry_leaf(ptr %r35, ptr %r36, ptr %r37, i64 %r38, i64 %r39)
  store i64 %r40, ptr %level.slot
  br label %join18
else18:
  br label %join18
join18:
  %r41 = load ptr, ptr %room.slot
  %r42 = load i64, ptr %level.slot
  %r43 = call i64 @_symmetry_onward(ptr %r41, i64 %r42)
  store i64 %r43, ptr %level.slot
  %r45 = load i64, ptr %level.slot
  %r46 = icmp eq i64 %r45, 0
  br i1 %r46, label %then44, label %else44
then44:
  br label %end8
else44:
  br label %join44
join44:
  br label %while8
end8:
  %r47 = load ptr, ptr %state.slot
  %r48 = load ptr, ptr %room.slot
  %r49 = sub i64 25, 1
  %r50 = getelementptr i64, ptr %r48, i64 %r49
  call void @_symmetry_copy(ptr %r47, ptr %r50, i64 1)
  ret i64 0
}

define internal i64 @_symmetry_enter(ptr %state.in, ptr %room.in, ptr %own.in, i64 %level.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %room.slot = alloca ptr
  %own.slot = alloca ptr
  %level.slot = alloca i64
  %frame.slot = alloca ptr
  %blocks.slot = alloca ptr
  %maps.slot = alloca ptr
  %image.slot = alloca ptr
  %truth33.slot = alloca i1
  %start.slot = alloca i64
  %end.slot = alloca i64
  %truth52.slot = alloca i1
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %room.in, ptr %room.slot
  store ptr %own.in, ptr %own.slot
  store i64 %level.in, ptr %level.slot
  %r1 = load ptr, ptr %room.slot
  %r2 = load i64, ptr %level.slot
  %r3 = mul i64 %r2, 13
  %r4 = add i64 25, %r3
  %r5 = getelementptr i64, ptr %r1, i64 %r4
  store ptr %r5, ptr %frame.slot
  %r6 = load ptr, ptr %frame.slot
  %r7 = getelementptr i64, ptr %r6, i64 2
  store ptr %r7, ptr %blocks.slot
  %r8 = load ptr, ptr %room.slot
  %r9 = mul i64 2, 2
  %r10 = add i64 1, %r9
  %r11 = getelementptr i64, ptr %r8, i64 %r10
  store ptr %r11, ptr %maps.slot
  %r12 = load ptr, ptr %room.slot
  %r13 = mul i64 2, 1
  %r14 = sub i64 25, %r13
  %r15 = getelementptr i64, ptr %r12, i64 %r14
  store ptr %r15, ptr %image.slot
  %r16 = load ptr, ptr %state.slot
  %r17 = load ptr, ptr %frame.slot
  %r18 = load ptr, ptr %blocks.slot
  %r19 = load ptr, ptr %room.slot
  %r20 = getelementptr i64, ptr %r19, i64 1
  %r21 = load ptr, ptr %room.slot
  %r22 = add i64 1, 2
  %r23 = getelementptr i64, ptr %r21, i64 %r22
  call void @_symmetry_refine(ptr %r16, ptr %r17, ptr %r18, ptr %r20, ptr %r23)
  %r24 = load ptr, ptr %state.slot
  %r25 = load ptr, ptr %frame.slot
  %r26 = load ptr, ptr %blocks.slot
  %r27 = load ptr, ptr %own.slot
  %r28 = load ptr, ptr %maps.slot
  %r29 = load ptr, ptr %image.slot
  call void @symmetry_settle(ptr %r24, ptr %r25, ptr %r26, ptr %r27, ptr %r28, ptr %r29)
  %r30 = load ptr, ptr %room.slot
  %r31 = getelementptr i64, ptr %r30, i64 0
  store i64 0, ptr %r31
  %r35 = load i64, ptr %level.slot
  %r36 = icmp ugt i64 %r35, 0
  store i1 %r36, ptr %truth33.slot
  br i1 %r36, label %more37, label %decided34
more37:
  %r38 = load ptr, ptr %state.slot
  %r39 = load ptr, ptr %room.slot
  %r40 = load ptr, ptr %own.slot
  %r41 = load i64, ptr %level.slot
  %r42 = call i64 @_symmetry_like_first(ptr %r38, ptr %r39, ptr %r40, i64 %r41)
  %r43 = icmp ne i64 %r42, 0
  store i1 %r43, ptr %truth33.slot
  br i1 %r43, label %more44, label %decided34
more44:
  br label %decided34
decided34:
  %r45 = load i1, ptr %truth33.slot
  br i1 %r45, label %then32, label %else32
then32:
  %r46 = load ptr, ptr %room.slot
  %r47 = getelementptr i64, ptr %r46, i64 0
  store i64 1, ptr %r47
  ret i64 0
else32:
  br label %join32
join32:
  store i64 0, ptr %start.slot
  %r48 = load ptr, ptr %blocks.slot
  %r49 = load i64, ptr %start.slot
  %r50 = call i64 @_symmetry_end(ptr %r48, i64 %r49)
  store i64 %r50, ptr %end.slot
  br label %while51
while51:
  %r54 = load i64, ptr %start.slot
  %r55 = icmp ult i64 %r54, 2
  store i1 %r55, ptr %truth52.slot
  br i1 %r55, label %more56, label %decided53
more56:
  %r57 = load i64, ptr %end.slot
  %r58 = load i64, ptr %start.slot
  %r59 = sub i64 %r57, %r58
  %r60 = icmp eq i64 %r59, 1
  store i1 %r60, ptr %truth52.slot
  br i1 %r60, label %more61, label %decided53
more61:
  br label %decided53
decided53:
  %r62 = load i1, ptr %truth52.slot
  br i1 %r62, label %body51, label %end51
body51:
  %r63 = load i64, ptr %end.slot
  store i64 %r63, ptr %start.slot
  %r64 = load ptr, ptr %blocks.slot
  %r65 = load i64, ptr %start.slot
  %r66 = call i64 @_symmetry_end(ptr %r64, i64 %r65)
  store i64 %r66, ptr %end.slot
  br label %while51
end51:
  %r68 = load i64, ptr %start.slot
  %r69 = icmp uge i64 %r68, 2
  br i1 %r69, label %then67, label %else67
then67:
  ret i64 0
else67:
  br label %join67
join67:
  %r70 = load i64, ptr %start.slot
  %r71 = load ptr, ptr %frame.slot
  %r72 = mul i64 4, 2
  %r73 = getelementptr i64, ptr %r71, i64 %r72
  store i64 %r70, ptr %r73
  %r74 = load i64, ptr %end.slot
  %r75 = load ptr, ptr %frame.slot
  %r76 = mul i64 4, 2
  %r77 = add i64 %r76, 1
  %r78 = getelementptr i64, ptr %r75, i64 %r77
  store i64 %r74, ptr %r78
  %r79 = load i64, ptr %start.slot
  %r80 = load ptr, ptr %frame.slot
  %r81 = mul i64 4, 2
  %r82 = add i64 %r81, 2
  %r83 = getelementptr i64, ptr %r80, i64 %r82
  store i64 %r79, ptr %r83
  %r84 = load ptr, ptr %frame.slot
  %r85 = mul i64 4, 2
  %r86 = add i64 %r85, 3
  %r87 = getelementptr i64, ptr %r84, i64 %r86
  store i64 0, ptr %r87
  %r88 = load ptr, ptr %room.slot
  %r89 = load i64, ptr %level.slot
  call void @_symmetry_branch(ptr %r88, i64 %r89)
  ret i64 1
}

define internal void @_symmetry_refine(ptr %state.in, ptr %order.in, ptr %blocks.in, ptr %colours.in, ptr %keys.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %order.slot = alloca ptr
  %blocks.slot = alloca ptr
  %colours.slot = alloca ptr
  %keys.slot = alloca ptr
  %split.slot = alloca i64
  %k.slot = alloca i64
  %start.slot = alloca i64
  %end.slot = alloca i64
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %order.in, ptr %order.slot
  store ptr %blocks.in, ptr %blocks.slot
  store ptr %colours.in, ptr %colours.slot
  store ptr %keys.in, ptr %keys.slot
  store i64 1, ptr %split.slot
  br label %while1
while1:
  %r2 = load i64, ptr %split.slot
  %r3 = icmp ne i64 %r2, 0
  br i1 %r3, label %body1, label %end1
body1:
  store i64 0, ptr %split.slot
  store i64 0, ptr %k.slot
  br label %for4
for4:
  %r5 = load i64, ptr %k.slot
  %r6 = icmp ult i64 %r5, 2
  br i1 %r6, label %body4, label %end4
body4:
  %r7 = load ptr, ptr %blocks.slot
  %r8 = load i64, ptr %k.slot
  %r9 = getelementptr i64, ptr %r7, i64 %r8
  %r10 = load i64, ptr %r9
  %r11 = load ptr, ptr %colours.slot
  %r12 = load ptr, ptr %order.slot
  %r13 = load i64, ptr %k.slot
  %r14 = getelementptr i64, ptr %r12, i64 %r13
  %r15 = load i64, ptr %r14
  %r16 = getelementptr i64, ptr %r11, i64 %r15
  store i64 %r10, ptr %r16
  br label %step4
step4:
  %r17 = load i64, ptr %k.slot
  %r18 = add i64 %r17, 1
  store i64 %r18, ptr %k.slot
  br label %for4
end4:
  %r19 = load ptr, ptr %state.slot
  %r20 = load ptr, ptr %colours.slot
  %r21 = load ptr, ptr %keys.slot
  call void @symmetry_keys(ptr %r19, ptr %r20, ptr %r21)
  store i64 0, ptr %start.slot
  br label %while22
while22:
  %r23 = load i64, ptr %start.slot
  %r24 = icmp ult i64 %r23, 2
  br i1 %r24, label %body22, label %end22
body22:
  %r25 = load ptr, ptr %blocks.slot
  %r26 = load i64, ptr %start.slot
  %r27 = call i64 @_symmetry_end(ptr %r25, i64 %r26)
  store i64 %r27, ptr %end.slot
  %r28 = load ptr, ptr %keys.slot
  %r29 = load ptr, ptr %order.slot
  %r30 = load ptr, ptr %blocks.slot
  %r31 = load i64, ptr %start.slot
  %r32 = load i64, ptr %end.slot
  call void @_symmetry_split(ptr %r28, ptr %r29, ptr %r30, i64 %r31, i64 %r32)
  %r33 = load i64, ptr %split.slot
  %r34 = load ptr, ptr %blocks.slot
  %r35 = load i64, ptr %end.slot
  %r36 = sub i64 %r35, 1
  %r37 = getelementptr i64, ptr %r34, i64 %r36
  %r38 = load i64, ptr %r37
  %r39 = load i64, ptr %start.slot
  %r40 = xor i64 %r38, %r39
  %r41 = or i64 %r33, %r40
  store i64 %r41, ptr %split.slot
  %r42 = load i64, ptr %end.slot
  store i64 %r42, ptr %start.slot
  br label %while22
end22:
  br label %while1
end1:
  ret void
}

define internal void @_symmetry_branch(ptr %room.in, i64 %level.in) alwaysinline nounwind {
  %room.slot = alloca ptr
  %level.slot = alloca i64
  %frame.slot = alloca ptr
  %below.slot = alloca ptr
  %start.slot = alloca i64
  %chosen.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %room.in, ptr %room.slot
  store i64 %level.in, ptr %level.slot
  %r1 = load ptr, ptr %room.slot
  %r2 = load i64, ptr %level.slot
  %r3 = mul i64 %r2, 13
  %r4 = add i64 25, %r3
  %r5 = getelementptr i64, ptr %r1, i64 %r4
  store ptr %r5, ptr %frame.slot
  %r6 = load ptr, ptr %frame.slot
  %r7 = getelementptr i64, ptr %r6, i64 13
  store ptr %r7, ptr %below.slot
  %r8 = load ptr, ptr %below.slot
  %r9 = load ptr, ptr %frame.slot
  %r10 = mul i64 2, 2
  call void @_symmetry_copy(ptr %r8, ptr %r9, i64 %r10)
  %r11 = load ptr, ptr %frame.slot
  %r12 = mul i64 4, 2
  %r13 = getelementptr i64, ptr %r11, i64 %r12
  %r14 = load i64, ptr %r13
  store i64 %r14, ptr %start.slot
  %r15 = load ptr, ptr %frame.slot
  %r16 = mul i64 4, 2
  %r17 = add i64 %r16, 2
  %r18 = getelementptr i64, ptr %r15, i64 %r17
  %r19 = load i64, ptr %r18
  store i64 %r19, ptr %chosen.slot
  %r20 = load ptr, ptr %frame.slot
  %r21 = load i64, ptr %chosen.slot
  %r22 = getelementptr i64, ptr %r20, i64 %r21
  %r23 = load i64, ptr %r22
  %r24 = load ptr, ptr %below.slot
  %r25 = load i64, ptr %start.slot
  %r26 = getelementptr i64, ptr %r24, i64 %r25
  store i64 %r23, ptr %r26
  %r27 = load ptr, ptr %frame.slot
  %r28 = load i64, ptr %start.slot
  %r29 = getelementptr i64, ptr %r27, i64 %r28
  %r30 = load i64, ptr %r29
  %r31 = load ptr, ptr %below.slot
  %r32 = load i64, ptr %chosen.slot
  %r33 = getelementptr i64, ptr %r31, i64 %r32
  store i64 %r30, ptr %r33
  %r34 = load i64, ptr %start.slot
  %r35 = add i64 %r34, 1
  %r36 = load ptr, ptr %frame.slot
  %r37 = mul i64 4, 2
  %r38 = add i64 %r37, 1
  %r39 = getelementptr i64, ptr %r36, i64 %r38
  %r40 = load i64, ptr %r39
  store i64 %r35, ptr %k.slot
  br label %for41
for41:
  %r42 = load i64, ptr %k.slot
  %r43 = icmp ult i64 %r42, %r40
  br i1 %r43, label %body41, label %end41
body41:
  %r44 = load i64, ptr %start.slot
  %r45 = add i64 %r44, 1
  %r46 = load ptr, ptr %below.slot
  %r47 = load i64, ptr %k.slot
  %r48 = add i64 2, %r47
  %r49 = getelementptr i64, ptr %r46, i64 %r48
  store i64 %r45, ptr %r49
  br label %step41
step41:
  %r50 = load i64, ptr %k.slot
  %r51 = add i64 %r50, 1
  store i64 %r51, ptr %k.slot
  br label %for41
end41:
  ret void
}

define internal i64 @_symmetry_like_first(ptr %state.in, ptr %room.in, ptr %own.in, i64 %level.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %room.slot = alloca ptr
  %own.slot = alloca ptr
  %level.slot = alloca i64
  %below.slot = alloca ptr
  %frame.slot = alloca ptr
  %first.slot = alloca ptr
  %maps.slot = alloca ptr
  %k.slot = alloca i64
  %alone.slot = alloca i64
  %truth77.slot = alloca i1
  %truth110.slot = alloca i1
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %room.in, ptr %room.slot
  store ptr %own.in, ptr %own.slot
  store i64 %level.in, ptr %level.slot
  %r1 = load ptr, ptr %room.slot
  %r2 = load i64, ptr %level.slot
  %r3 = mul i64 %r2, 13
  %r4 = add i64 25, %r3
  %r5 = getelementptr i64, ptr %r1, i64 %r4
  store ptr %r5, ptr %below.slot
  %r6 = load ptr, ptr %room.slot
  %r7 = load i64, ptr %level.slot
  %r8 = sub i64 %r7, 1
  %r9 = mul i64 %r8, 13
  %r10 = add i64 25, %r9
  %r11 = getelementptr i64, ptr %r6, i64 %r10
  store ptr %r11, ptr %frame.slot
  %r12 = load ptr, ptr %frame.slot
  %r13 = mul i64 2, 2
  %r14 = getelementptr i64, ptr %r12, i64 %r13
  store ptr %r14, ptr %first.slot
  %r16 = load ptr, ptr %frame.slot
  %r17 = mul i64 4, 2
  %r18 = add i64 %r17, 2
  %r19 = getelementptr i64, ptr %r16, i64 %r18
  %r20 = load i64, ptr %r19
  %r21 = load ptr, ptr %frame.slot
  %r22 = mul i64 4, 2
  %r23 = getelementptr i64, ptr %r21, i64 %r22
  %r24 = load i64, ptr %r23
  %r25 = icmp eq i64 %r20, %r24
  br i1 %r25, label %then15, label %else15
then15:
  %r26 = load ptr, ptr %first.slot
  %r27 = load ptr, ptr %below.slot
  %r28 = mul i64 2, 2
  call void @_symmetry_copy(ptr %r26, ptr %r27, i64 %r28)
  ret i64 0
else15:
  br label %join15
join15:
  %r29 = load ptr, ptr %room.slot
  %r30 = mul i64 2, 2
  %r31 = add i64 1, %r30
  %r32 = getelementptr i64, ptr %r29, i64 %r31
  store ptr %r32, ptr %maps.slot
  store i64 0, ptr %k.slot
  br label %for33
for33:
  %r34 = load i64, ptr %k.slot
  %r35 = icmp ult i64 %r34, 2
  br i1 %r35, label %body33, label %end33
body33:
  %r36 = load ptr, ptr %own.slot
  %r37 = load i64, ptr %k.slot
  %r38 = getelementptr i64, ptr %r36, i64 %r37
  %r39 = load i64, ptr %r38
  %r40 = load ptr, ptr %maps.slot
  %r41 = load i64, ptr %k.slot
  %r42 = getelementptr i64, ptr %r40, i64 %r41
  store i64 %r39, ptr %r42
  br label %step33
step33:
  %r43 = load i64, ptr %k.slot
  %r44 = add i64 %r43, 1
  store i64 %r44, ptr %k.slot
  br label %for33
end33:
  store i64 0, ptr %k.slot
  br label %for45
for45:
  %r46 = load i64, ptr %k.slot
  %r47 = icmp ult i64 %r46, 2
  br i1 %r47, label %body45, label %end45
body45:
  %r49 = load ptr, ptr %first.slot
  %r50 = load i64, ptr %k.slot
  %r51 = add i64 2, %r50
  %r52 = getelementptr i64, ptr %r49, i64 %r51
  %r53 = load i64, ptr %r52
  %r54 = load ptr, ptr %below.slot
  %r55 = load i64, ptr %k.slot
  %r56 = add i64 2, %r55
  %r57 = getelementptr i64, ptr %r54, i64 %r56
  %r58 = load i64, ptr %r57
  %r59 = icmp ne i64 %r53, %r58
  br i1 %r59, label %then48, label %else48
then48:
  ret i64 0
else48:
  br label %join48
join48:
  %r60 = load ptr, ptr %below.slot
  %r61 = getelementptr i64, ptr %r60, i64 2
  %r62 = load ptr, ptr %below.slot
  %r63 = load i64, ptr %k.slot
  %r64 = add i64 2, %r63
  %r65 = getelementptr i64, ptr %r62, i64 %r64
  %r66 = load i64, ptr %r65
  %r67 = call i64 @_symmetry_end(ptr %r61, i64 %r66)
  %r68 = load ptr, ptr %below.slot
  %r69 = load i64, ptr %k.slot
  %r70 = add i64 2, %r69
  %r71 = getelementptr i64, ptr %r68, i64 %r70
  %r72 = load i64, ptr %r71
  %r73 = sub i64 %r67, %r72
  %r74 = icmp eq i64 %r73, 1
  %r75 = zext i1 %r74 to i64
  store i64 %r75, ptr %alone.slot
  %r79 = load i64, ptr %alone.slot
  %r80 = icmp ne i64 %r79, 0
  store i1 %r80, ptr %truth77.slot
  br i1 %r80, label %more81, label %decided78
more81:
  %r82 = load ptr, ptr %first.slot
  %r83 = load i64, ptr %k.slot
  %r84 = getelementptr i64, ptr %r82, i64 %r83
  %r85 = load i64, ptr %r84
  %r86 = load ptr, ptr %below.slot
  %r87 = load i64, ptr %k.slot
  %r88 = getelementptr i64, ptr %r86, i64 %r87
  %r89 = load i64, ptr %r88
  %r90 = icmp ne i64 %r85, %r89
  store i1 %r90, ptr %truth77.slot
  br i1 %r90, label %more91, label %decided78
more91:
  br label %decided78
decided78:
  %r92 = load i1, ptr %truth77.slot
  br i1 %r92, label %then76, label %else76
then76:
  %r94 = load ptr, ptr %maps.slot
  %r95 = load ptr, ptr %first.slot
  %r96 = load i64, ptr %k.slot
  %r97 = getelementptr i64, ptr %r95, i64 %r96
  %r98 = load i64, ptr %r97
  %r99 = getelementptr i64, ptr %r94, i64 %r98
  %r100 = load i64, ptr %r99
  %r101 = load ptr, ptr %own.slot
  %r102 = load ptr, ptr %below.slot
  %r103 = load i64, ptr %k.slot
  %r104 = getelementptr i64, ptr %r102, i64 %r103
  %r105 = load i64, ptr %r104
  %r106 = getelementptr i64, ptr %r101, i64 %r105
  %r107 = load i64, ptr %r106
  %r108 = icmp eq i64 %r100, %r107
  br i1 %r108, label %then93, label %else93
then93:
  br label %step45
else93:
  br label %join93
join93:
  %r112 = load ptr, ptr %maps.slot
  %r113 = load ptr, ptr %first.slot
  %r114 = load i64, ptr %k.slot
  %r115 = getelementptr i64, ptr %r113, i64 %r114
  %r116 = load i64, ptr %r115
  %r117 = getelementptr i64, ptr %r112, i64 %r116
  %r118 = load i64, ptr %r117
  %r119 = load ptr, ptr %own.slot
  %r120 = load ptr, ptr %first.slot
  %r121 = load i64, ptr %k.slot
  %r122 = getelementptr i64, ptr %r120, i64 %r121
  %r123 = load i64, ptr %r122
  %r124 = getelementptr i64, ptr %r119, i64 %r123
  %r125 = load i64, ptr %r124
  %r126 = icmp ne i64 %r118, %r125
  store i1 %r126, ptr %truth110.slot
  br i1 %r126, label %decided111, label %more127
more127:
  %r128 = load ptr, ptr %maps.slot
  %r129 = load ptr, ptr %below.slot
  %r130 = load i64, ptr %k.slot
  %r131 = getelementptr i64, ptr %r129, i64 %r130
  %r132 = load i64, ptr %r131
  %r133 = getelementptr i64, ptr %r128, i64 %r132
  %r134 = load i64, ptr %r133
  %r135 = load ptr, ptr %own.slot
  %r136 = load ptr, ptr %below.slot
  %r137 = load i64, ptr %k.slot
  %r138 = getelementptr i64, ptr %r136, i64 %r137
  %r139 = load i64, ptr %r138
  %r140 = getelementptr i64, ptr %r135, i64 %r139
  %r141 = load i64, ptr %r140
  %r142 = icmp ne i64 %r134, %r141
  store i1 %r142, ptr %truth110.slot
  br i1 %r142, label %decided111, label %more143
more143:
  br label %decided111
decided111:
  %r144 = load i1, ptr %truth110.slot
  br i1 %r144, label %then109, label %else109
then109:
  ret i64 0
else109:
  br label %join109
join109:
  %r145 = load ptr, ptr %own.slot
  %r146 = load ptr, ptr %below.slot
  %r147 = load i64, ptr %k.slot
  %r148 = getelementptr i64, ptr %r146, i64 %r147
  %r149 = load i64, ptr %r148
  %r150 = getelementptr i64, ptr %r145, i64 %r149
  %r151 = load i64, ptr %r150
  %r152 = load ptr, ptr %maps.slot
  %r153 = load ptr, ptr %first.slot
  %r154 = load i64, ptr %k.slot
  %r155 = getelementptr i64, ptr %r153, i64 %r154
  %r156 = load i64, ptr %r155
  %r157 = getelementptr i64, ptr %r152, i64 %r156
  store i64 %r151, ptr %r157
  %r158 = load ptr, ptr %own.slot
  %r159 = load ptr, ptr %first.slot
  %r160 = load i64, ptr %k.slot
  %r161 = getelementptr i64, ptr %r159, i64 %r160
  %r162 = load i64, ptr %r161
  %r163 = getelementptr i64, ptr %r158, i64 %r162
  %r164 = load i64, ptr %r163
  %r165 = load ptr, ptr %maps.slot
  %r166 = load ptr, ptr %below.slot
  %r167 = load i64, ptr %k.slot
  %r168 = getelementptr i64, ptr %r166, i64 %r167
  %r169 = load i64, ptr %r168
  %r170 = getelementptr i64, ptr %r165, i64 %r169
  store i64 %r164, ptr %r170
  br label %join76
else76:
  br label %join76
join76:
  br label %step45
step45:
  %r171 = load i64, ptr %k.slot
  %r172 = add i64 %r171, 1
  store i64 %r172, ptr %k.slot
  br label %for45
end45:
  %r173 = load ptr, ptr %state.slot
  %r174 = load ptr, ptr %maps.slot
  %r175 = load ptr, ptr %room.slot
  %r176 = mul i64 2, 1
  %r177 = sub i64 25, %r176
  %r178 = getelementptr i64, ptr %r175, i64 %r177
  %r179 = call i64 @_symmetry_keeps(ptr %r173, ptr %r174, ptr %r178)
  ret i64 %r179
}

define internal i64 @_symmetry_leaf(ptr %state.in, ptr %room.in, ptr %bases.in, i64 %level.in, i64 %leaves.in) alwaysinline nounwind {
  %state.slot = alloca ptr
  %room.slot = alloca ptr
  %bases.slot = alloca ptr
  %level.slot = alloca i64
  %leaves.slot = alloca i64
  %frame.slot = alloca ptr
  %maps.slot = alloca ptr
  %image.slot = alloca ptr
  %best.slot = alloca ptr
  %k.slot = alloca i64
  %truth38.slot = alloca i1
  %above.slot = alloca i64
  %first.slot = alloca ptr
  %truth89.slot = alloca i1
  br label %start
start:
  store ptr %state.in, ptr %state.slot
  store ptr %room.in, ptr %room.slot
  store ptr %bases.in, ptr %bases.slot
  store i64 %level.in, ptr %level.slot
  store i64 %leaves.in, ptr %leaves.slot
  %r1 = load ptr, ptr %room.slot
  %r2 = load i64, ptr %level.slot
  %r3 = mul i64 %r2, 13
  %r4 = add i64 25, %r3
  %r5 = getelementptr i64, ptr %r1, i64 %r4
  store ptr %r5, ptr %frame.slot
  %r6 = load ptr, ptr %room.slot
  %r7 = mul i64 2, 2
  %r8 = add i64 1, %r7
  %r9 = getelementptr i64, ptr %r6, i64 %r8
  store ptr %r9, ptr %maps.slot
  %r10 = load ptr, ptr %room.slot
  %r11 = mul i64 2, 1
  %r12 = sub i64 25, %r11
  %r13 = getelementptr i64, ptr %r10, i64 %r12
  store ptr %r13, ptr %image.slot
  %r14 = load ptr, ptr %room.slot
  %r15 = sub i64 25, 1
  %r16 = getelementptr i64, ptr %r14, i64 %r15
  store ptr %r16, ptr %best.slot
  store i64 0, ptr %k.slot
  br label %for17
for17:
  %r18 = load i64, ptr %k.slot
  %r19 = icmp ult i64 %r18, 2
  br i1 %r19, label %body17, label %end17
body17:
  %r20 = load i64, ptr %k.slot
  %r21 = load ptr, ptr %bases.slot
  %r22 = load i64, ptr %k.slot
  %r23 = getelementptr i64, ptr %r21, i64 %r22
  %r24 = load i64, ptr %r23
  %r25 = sub i64 %r20, %r24
  %r26 = load ptr, ptr %maps.slot
  %r27 = load ptr, ptr %frame.slot
  %r28 = load i64, ptr %k.slot
  %r29 = getelementptr i64, ptr %r27, i64 %r28
  %r30 = load i64, ptr %r29
  %r31 = getelementptr i64, ptr %r26, i64 %r30
  store i64 %r25, ptr %r31
  br label %step17
step17:
  %r32 = load i64, ptr %k.slot
  %r33 = add i64 %r32, 1
  store i64 %r33, ptr %k.slot
  br label %for17
end17:
  %r34 = load ptr, ptr %image.slot
  %r35 = load ptr, ptr %state.slot
  %r36 = load ptr, ptr %maps.slot
  call void @rename(ptr %r34, ptr %r35, ptr %r36)
  %r40 = load i64, ptr %leaves.slot
  %r41 = icmp eq i64 %r40, 1
  store i1 %r41, ptr %truth38.slot
  br i1 %r41, label %decided39, label %more42
more42:
  %r43 = load ptr, ptr %image.slot
  %r44 = load ptr, ptr %best.slot
  %r45 = call i64 @_symmetry_less(ptr %r43, ptr %r44)
  %r46 = icmp ne i64 %r45, 0
  store i1 %r46, ptr %truth38.slot
  br i1 %r46, label %decided39, label %more47
more47:
  br label %decided39
decided39:
  %r48 = load i1, ptr %truth38.slot
  br i1 %r48, label %then37, label %else37
then37:
  %r49 = load ptr, ptr %best.slot
  %r50 = load ptr, ptr %image.slot
  call void @_symmetry_copy(ptr %r49, ptr %r50, i64 1)
  br label %join37
else37:
  br label %join37
join37:
  %r51 = load i64, ptr %level.slot
  store i64 0, ptr %above.slot
  br label %for52
for52:
  %r53 = load i64, ptr %above.slot
  %r54 = icmp ult i64 %r53, %r51
  br i1 %r54, label %body52, label %end52
body52:
  %r55 = load ptr, ptr %room.slot
  %r56 = load i64, ptr %above.slot
  %r57 = mul i64 %r56, 13
  %r58 = add i64 25, %r57
  %r59 = getelementptr i64, ptr %r55, i64 %r58
  store ptr %r59, ptr %frame.slot
  %r60 = load ptr, ptr %frame.slot
  %r61 = mul i64 4, 2
  %r62 = add i64 %r61, 4
  %r63 = getelementptr i64, ptr %r60, i64 %r62
  store ptr %r63, ptr %first.slot
  %r65 = load ptr, ptr %frame.slot
  %r66 = mul i64 4, 2
  %r67 = add i64 %r66, 2
  %r68 = getelementptr i64, ptr %r65, i64 %r67
  %r69 = load i64, ptr %r68
  %r70 = load ptr, ptr %frame.slot
  %r71 = mul i64 4, 2
  %r72 = getelementptr i64, ptr %r70, i64 %r71
  %r73 = load i64, ptr %r72
  %r74 = icmp eq i64 %r69, %r73
  br i1 %r74, label %then64, label %else64
then64:
  %r76 = load ptr, ptr %frame.slot
  %r77 = mul i64 4, 2
  %r78 = add i64 %r77, 3
  %r79 = getelementptr i64, ptr %r76, i64 %r78
  %r80 = load i64, ptr %r79
  %r81 = icmp eq i64 %r80, 0
  br i1 %r81, label %then75, label %else75
then75:
  %r82 = load ptr, ptr %first.slot
  %r83 = load ptr, ptr %image.slot
  call void @_symmetry_copy(ptr %r82, ptr %r83, i64 1)
  %r84 = load ptr, ptr %frame.slot
  %r85 = mul i64 4, 2
  %r86 = add i64 %r85, 3
  %r87 = getelementptr i64, ptr %r84, i64 %r86
  store i64 1, ptr %r87
  br label %join75
else75:
  br label %join75
join75:
  br label %join64
else64:
  %r91 = load ptr, ptr %image.slot
  %r92 = load ptr, ptr %first.slot
  %r93 = call i64 @_symmetry_less(ptr %r91, ptr %r92)
  %r94 = icmp eq i64 %r93, 0
  store i1 %r94, ptr %truth89.slot
  br i1 %r94, label %more95, label %decided90
more95:
  %r96 = load ptr, ptr %first.slot
  %r97 = load ptr, ptr %image.slot
  %r98 = call i64 @_symmetry_less(ptr %r96, ptr %r97)
  %r99 = icmp eq i64 %r98, 0
  store i1 %r99, ptr %truth89.slot
  br i1 %r99, label %more100, label %decided90
more100:
  br label %decided90
decided90:
  %r101 = load i1, ptr %truth89.slot
  br i1 %r101, label %then88, label %else88
then88:
  %r102 = load i64, ptr %above.slot
  %r103 = add i64 %r102, 1
  ret i64 %r103
else88:
  br label %join88
join88:
  br label %join64
join64:
  br label %step52
step52:
  %r104 = load i64, ptr %above.slot
  %r105 = add i64 %r104, 1
  store i64 %r105, ptr %above.slot
  br label %for52
end52:
  %r106 = load i64, ptr %level.slot
  ret i64 %r106
}

define internal i64 @_symmetry_onward(ptr %room.in, i64 %level.in) alwaysinline nounwind {
  %room.slot = alloca ptr
  %level.slot = alloca i64
  %frame.slot = alloca ptr
  br label %start
start:
  store ptr %room.in, ptr %room.slot
  store i64 %level.in, ptr %level.slot
  br label %while1
while1:
  %r2 = load i64, ptr %level.slot
  %r3 = icmp ugt i64 %r2, 0
  br i1 %r3, label %body1, label %end1
body1:
  %r4 = load i64, ptr %level.slot
  %r5 = sub i64 %r4, 1
  store i64 %r5, ptr %level.slot
  %r6 = load ptr, ptr %room.slot
  %r7 = load i64, ptr %level.slot
  %r8 = mul i64 %r7, 13
  %r9 = add i64 25, %r8
  %r10 = getelementptr i64, ptr %r6, i64 %r9
  store ptr %r10, ptr %frame.slot
  %r11 = load ptr, ptr %frame.slot
  %r12 = mul i64 4, 2
  %r13 = add i64 %r12, 2
  %r14 = getelementptr i64, ptr %r11, i64 %r13
  %r15 = load i64, ptr %r14
  %r16 = add i64 %r15, 1
  %r17 = load ptr, ptr %frame.slot
  %r18 = mul i64 4, 2
  %r19 = add i64 %r18, 2
  %r20 = getelementptr i64, ptr %r17, i64 %r19
  store i64 %r16, ptr %r20
  %r22 = load ptr, ptr %frame.slot
  %r23 = mul i64 4, 2
  %r24 = add i64 %r23, 2
  %r25 = getelementptr i64, ptr %r22, i64 %r24
  %r26 = load i64, ptr %r25
  %r27 = load ptr, ptr %frame.slot
  %r28 = mul i64 4, 2
  %r29 = add i64 %r28, 1
  %r30 = getelementptr i64, ptr %r27, i64 %r29
  %r31 = load i64, ptr %r30
  %r32 = icmp ult i64 %r26, %r31
  br i1 %r32, label %then21, label %else21
then21:
  %r33 = load ptr, ptr %room.slot
  %r34 = load i64, ptr %level.slot
  call void @_symmetry_branch(ptr %r33, i64 %r34)
  %r35 = load i64, ptr %level.slot
  %r36 = add i64 %r35, 1
  ret i64 %r36
else21:
  br label %join21
join21:
  br label %while1
end1:
  ret i64 0
}

define internal i64 @_symmetry_less(ptr %a.in, ptr %b.in) alwaysinline nounwind {
  %a.slot = alloca ptr
  %b.slot = alloca ptr
  %k.slot = alloca i64
  br label %start
start:
  store ptr %a.in, ptr %a.slot
  store ptr %b.in, ptr %b.slot
  store i64 0, ptr %k.slot
  br label %for1
for1:
  %r2 = load i64, ptr %k.slot
  %r3 = icmp ult i64 %r2, 1
  br i1 %r3, label %body1, label %end1
body1:
  %r5 = load ptr, ptr %a.slot
  %r6 = load i64, ptr %k.slot
  %r7 = getelementptr i64, ptr %r5, i64 %r6
  %r8 = load i64, ptr %r7
  %r9 = load ptr, ptr %b.slot
  %r10 = load i64, ptr %k.slot
  %r11 = getelementptr i64, ptr %r9, i64 %r10
  %r12 = load i64, ptr %r11
  %r13 = icmp ult i64 %r8, %r12
  br i1 %r13, label %then4, label %else4
then4:
  ret i64 1
else4:
  br label %join4
join4:
  %r15 = load ptr, ptr %a.slot
  %r16 = load i64, ptr %k.slot
  %r17 = getelementptr i64, ptr %r15, i64 %r16
  %r18 = load i64, ptr %r17
  %r19 = load ptr, ptr %b.slot
  %r20 = load i64, ptr %k.slot
  %r21 = getelementptr i64, ptr %r19, i64 %r20
  %r22 = load i64, ptr %r21
  %r23 = icmp ugt i64 %r18, %r22
  br i1 %r23, label %then14, label %else14
then14:
  ret i64 0
else14:
  br label %join14
join14:
  br label %step1
step1:
  %r24 = load i64, ptr %k.slot
  %r25 = add i64 %r24, 1
  store i64 %r25, ptr %k.slot
  br label %for1
end1:
  ret i64 0
}

define internal void @_symmetry_copy(ptr %target.in, ptr %source.in, i64 %count.in) alwaysinline nounwind {
  %target.slot = alloca ptr
  %source.slot = alloca ptr
  %count.slot = alloca i64
  %k.slot = alloca i64
  br label %start
start:
  store ptr %target.in, ptr %target.slot
  store ptr %source.in, ptr %source.slot
  store i64 %count.in, ptr %count.slot
  %r1 = load i64, ptr %count.slot
  store i64 0, ptr %k.slot
  br label %for2
for2:
  %r3 = load i64, ptr %k.slot
  %r4 = icmp ult i64 %r3, %r1
  br i1 %r4, label %body2, label %end2
body2:
  %r5 = load ptr, ptr %source.slot
  %r6 = load i64, ptr %k.slot
  %r7 = getelementptr i64, ptr %r5, i64 %r6
  %r8 = load i64, ptr %r7
  %r9 = load ptr, ptr %target.slot
  %r10 = load i64, ptr %k.slot
  %r11 = getelementptr i64, ptr %r9, i64 %r10
  store i64 %r8, ptr %r11
  br label %step2
step2:
  %r12 = load i64, ptr %k.slot
  %r13 = add i64 %r12, 1
  store i64 %r13, ptr %k.slot
  br label %for2
end2:
  ret void
}

define internal void @rename(ptr %dst, ptr %src, ptr %maps) nounwind {
entry:
  %m4 = alloca i64, align 8
  %m5 = alloca i64, align 8
  %m36 = alloca i64, align 8
  call void @llvm.memset.p0.i64(ptr align 8 %dst, i8 0, i64 8, i1 false)
  %r1 = load i64, ptr %src, align 8
  %r2 = lshr i64 %r1, 60
  %r3 = and i64 %r2, 15
  call void @llvm.memset.p0.i64(ptr align 8 %m4, i8 0, i64 8, i1 false)
  store i64 0, ptr %m5, align 8
  br label %b6
b6:
  %r10 = load i64, ptr %m5, align 8
  %r11 = icmp slt i64 %r10, 2
  br i1 %r11, label %b7, label %b9
b7:
  %r12 = sub i64 1, %r10
  %r13 = mul i64 %r12, 2
  %r14 = lshr i64 %r3, %r13
  %r15 = and i64 %r14, 3
  %r16 = getelementptr inbounds i64, ptr %maps, i64 %r10
  %r17 = load i64, ptr %r16, align 8
  %r18 = sub i64 1, %r17
  %r19 = mul i64 %r18, 2
  %r20 = shl i64 3, %r19
  %r21 = load i64, ptr %m4, align 8
  %r22 = xor i64 %r20, -1
  %r23 = and i64 %r21, %r22
  %r24 = shl i64 %r15, %r19
  %r25 = or i64 %r23, %r24
  store i64 %r25, ptr %m4, align 8
  br label %b8
b8:
  %r26 = add nsw i64 %r10, 1
  store i64 %r26, ptr %m5, align 8
  br label %b6
b9:
  %r27 = load i64, ptr %m4, align 8
  %r28 = and i64 %r27, 15
  %r29 = load i64, ptr %dst, align 8
  %r30 = and i64 %r29, 1152921504606846975
  %r31 = shl i64 %r28, 60
  %r32 = or i64 %r30, %r31
  store i64 %r32, ptr %dst, align 8
  %r33 = load i64, ptr %src, align 8
  %r34 = lshr i64 %r33, 58
  %r35 = and i64 %r34, 3
  store i64 %r35, ptr %m36, align 8
  %r37 = icmp eq i64 %r35, 0
  %r38 = xor i1 %r37, true
  br i1 %r38, label %b39, label %b40
b39:
  %r41 = sub i64 %r35, 1
  %r42 = getelementptr inbounds i64, ptr %maps, i64 %r41
  %r43 = load i64, ptr %r42, align 8
  %r44 = add i64 %r43, 1
  store i64 %r44, ptr %m36, align 8
  br label %b40
b40:
  %r45 = load i64, ptr %m36, align 8
  %r46 = and i64 %r45, 3
  %r47 = load i64, ptr %dst, align 8
  %r48 = and i64 %r47, -864691128455135233
  %r49 = shl i64 %r46, 58
  %r50 = or i64 %r48, %r49
  store i64 %r50, ptr %dst, align 8
  br label %out
out:
  ret void
}

define i64 @model_canon(ptr %state) nounwind {
entry:
  %m1 = alloca [2 x i64], align 8
  %m2 = alloca [2 x i64], align 8
  %m3 = alloca [2 x i64], align 8
  %m4 = alloca [18 x i64], align 8
  %m5 = alloca [2 x i64], align 8
  %m6 = alloca [2 x i64], align 8
  %m7 = alloca i64, align 8
  %m8 = alloca i64, align 8
  %m22 = alloca i64, align 8
  %m36 = alloca i64, align 8
  %m37 = alloca i64, align 8
  store i64 0, ptr %m8, align 8
  br label %b9
b9:
  %r13 = load i64, ptr %m8, align 8
  %r14 = icmp slt i64 %r13, 2
  br i1 %r14, label %b10, label %b12
b10:
  %r15 = call i64 @key11(ptr %state, i64 %r13, ptr null)
  %r16 = getelementptr inbounds i64, ptr %m1, i64 %r13
  store i64 %r15, ptr %r16, align 8
  br label %b11
b11:
  %r17 = add nsw i64 %r13, 1
  store i64 %r17, ptr %m8, align 8
  br label %b9
b12:
  call void @_symmetry_sort(ptr %m1, ptr %m2, ptr %m3, i64 0, i64 2)
  %r18 = call i64 @_symmetry_ways(ptr %m3)
  %r19 = icmp ugt i64 %r18, 6
  br i1 %r19, label %b20, label %b21
b20:
  store i64 0, ptr %m22, align 8
  br label %b23
b23:
  %r27 = load i64, ptr %m22, align 8
  %r28 = icmp slt i64 %r27, 2
  br i1 %r28, label %b24, label %b26
b24:
  %r29 = getelementptr inbounds i64, ptr %m5, i64 %r27
  store i64 %r27, ptr %r29, align 8
  %r30 = getelementptr inbounds i64, ptr %m6, i64 %r27
  store i64 0, ptr %r30, align 8
  br label %b25
b25:
  %r31 = add nsw i64 %r27, 1
  store i64 %r31, ptr %m22, align 8
  br label %b23
b26:
  call void @symmetry_settle(ptr %state, ptr %m2, ptr %m3, ptr %m5, ptr %m4, ptr %m7)
  br label %b21
b21:
  %r33 = call i64 @_symmetry_ways(ptr %m3)
  %r34 = icmp ugt i64 %r33, 24
  br i1 %r34, label %many32, label %b35
b35:
  store i64 1, ptr %m37, align 8
  br label %b38
b38:
  call void @_symmetry_maps(ptr %m2, ptr %m4, i64 0, i64 2)
  call void @rename(ptr %m7, ptr %state, ptr %m4)
  %r42 = load i64, ptr %m37, align 8
  %r43 = icmp ne i64 %r42, 0
  br i1 %r43, label %b39, label %b44
b44:
  %r45 = call i64 @_symmetry_less(ptr %m7, ptr %m36)
  %r46 = icmp ne i64 %r45, 0
  br i1 %r46, label %b39, label %b40
b39:
  store i64 0, ptr %m37, align 8
  %r47 = load i64, ptr %m7, align 8
  store i64 %r47, ptr %m36, align 8
  br label %b40
b40:
  %r48 = call i64 @_symmetry_next(ptr %m2, ptr %m3)
  %r49 = icmp ne i64 %r48, 0
  br i1 %r49, label %b38, label %b41
b41:
  %r50 = load i64, ptr %m36, align 8
  store i64 %r50, ptr %state, align 8
  ret i64 0
many32:
  %r51 = call ptr @malloc(i64 512)
  %r52 = call i64 @symmetry_search(ptr %state, ptr %r51, ptr %m2, ptr %m3, ptr %m5, ptr %m6)
  call void @free(ptr %r51)
  ret i64 %r52
}
